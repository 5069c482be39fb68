"""llama.cpp through its C interface: token sequences in, next-token scores out, what is already read kept.

Answers must not depend on what was asked before. Floating-point sums differ with the shape of a batch, so a prompt is
cut into the same chunks whatever the cache holds, whole chunks alone are reused, and the cells of the cache always
are 0..n in order.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lrev.errors import MachineError, ModelMissing
from lrev.model.store import GGUF_MAGIC

if TYPE_CHECKING:
    import numpy

Tokens = tuple[int, ...]
Handle = int  # the address of a C object, 0 or None where there is none

_PIECE_BYTES = 256  # twice the longest token of Qwen2.5, which is 128 spaces
_TOPOLOGY = Path("/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class Load:
    """How a model file is opened; `threads` 0 means one a physical core."""

    path: Path
    context_tokens: int
    threads: int
    batch_tokens: int
    gpu_layers: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens that were evaluated and tokens that were found in the cache."""

    read: int
    reused: int


class Engine:
    """One model with one sequence. Made by `open_engine`; not for several threads."""

    def __init__(self, native: ModuleType, model: Handle, context: Handle, batch_tokens: int) -> None:
        self._native = native
        self._context = context
        self._memory = native.llama_get_memory(context)
        self._vocabulary = native.llama_model_get_vocab(model)
        self._vocabulary_size: int = native.llama_vocab_n_tokens(self._vocabulary)
        self._batch_tokens = batch_tokens
        self._chunks: list[Tokens] = []  # what the cache holds

    def opening(self) -> Tokens:
        """The token that begins every sequence of this model, if there is one."""
        begins = self._native.llama_vocab_get_add_bos(self._vocabulary)
        return (self._native.llama_vocab_bos(self._vocabulary),) if begins else ()

    def tokenize(self, text: str, *, control: bool = False) -> Tokens:
        """Tokens of `text` alone; control tokens are recognised in it only if `control`."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 2  # no token is shorter than a byte; a tokenizer may put a space before the first
        buffer = (self._native.llama_token * room)()
        count = self._native.llama_tokenize(self._vocabulary, data, len(data), buffer, room, False, control)
        if count < 0:
            raise MachineError(f"the tokenizer needs {-count} tokens for {len(data)} bytes")
        return tuple(buffer[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token, which need not be whole characters; none for control tokens."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        length: int = self._native.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = self._native.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
        return buffer.raw[:length]

    def ends(self, token: int) -> bool:
        return bool(self._native.llama_vocab_is_eog(self._vocabulary, token))

    def read(self, groups: Sequence[Tokens]) -> tuple[Reading, numpy.ndarray]:
        """Evaluate the groups, reusing what the cache holds of them. Returns the log-probabilities of the next token.

        The last chunk is always evaluated, as its scores are wanted.
        """
        chunks = [chunk for group in groups for chunk in self._cut(group)]
        kept = self._rewind(_common(chunks[:-1], self._chunks))
        reading = Reading(sum(map(len, chunks[kept:])), sum(map(len, chunks[:kept])))
        for chunk in chunks[kept:]:
            self._decode(chunk)
        return reading, self._scores(-1)

    def extend(self, tokens: Tokens) -> list[numpy.ndarray]:
        """Evaluate tokens after what was read; the log-probabilities that follow each of them."""
        scores = []
        for chunk in self._cut(tokens):
            self._decode(chunk, every=True)
            scores += [self._scores(place) for place in range(len(chunk))]
        return scores

    @contextmanager
    def trial(self) -> Iterator[None]:
        """What is evaluated inside is forgotten afterwards."""
        before = list(self._chunks)
        yield
        if self._rewind(len(before)) < len(before):
            for chunk in before:
                self._decode(chunk)

    def _cut(self, tokens: Tokens) -> list[Tokens]:
        return [tokens[at : at + self._batch_tokens] for at in range(0, len(tokens), self._batch_tokens)]

    def _rewind(self, keep: int) -> int:
        """Drop all but the first `keep` chunks; models that cannot forget a part forget all. Returns what is left."""
        if keep == len(self._chunks):
            return keep
        position = sum(map(len, self._chunks[:keep]))
        if not self._native.llama_memory_seq_rm(self._memory, 0, position, -1):
            self._forget()
            return 0
        del self._chunks[keep:]
        return keep

    def _forget(self) -> None:
        self._native.llama_memory_clear(self._memory, True)
        self._chunks.clear()

    def _decode(self, chunk: Tokens, *, every: bool = False) -> None:
        """Evaluate one chunk behind what the cache holds, with scores for `every` token or the last."""
        position = sum(map(len, self._chunks))
        batch = self._native.llama_batch_init(len(chunk), 0, 1)
        try:
            batch.n_tokens = len(chunk)
            for at, token in enumerate(chunk):
                batch.token[at] = token
                batch.pos[at] = position + at
                batch.n_seq_id[at] = 1
                batch.seq_id[at][0] = 0
                batch.logits[at] = every or at == len(chunk) - 1
            code = self._native.llama_decode(self._context, batch)
        finally:
            self._native.llama_batch_free(batch)
        if code != 0:
            self._forget()
            raise MachineError(f"the model cannot evaluate {len(chunk)} tokens at position {position} (code {code})")
        self._chunks.append(chunk)

    def _scores(self, place: int) -> numpy.ndarray:
        """float64, shape (vocabulary,)"""
        import numpy

        logits = self._native.llama_get_logits_ith(self._context, place)
        if not logits:
            raise MachineError("the model gave no scores")
        values = numpy.ctypeslib.as_array(logits, (self._vocabulary_size,)).astype(numpy.float64)
        values -= values.max()
        scores: numpy.ndarray = values - numpy.log(numpy.exp(values).sum())
        return scores


@contextmanager
def open_engine(load: Load) -> Iterator[Engine]:
    """Load a model. Raises ModelMissing if it is no GGUF file, MachineError if llama.cpp refuses it."""
    require_gguf(load.path)
    native, _ = _library()
    model = _model(native, load)
    try:
        context = _context(native, model, load)
        try:
            yield Engine(native, model, context, load.batch_tokens)
        finally:
            native.llama_free(context)
    finally:
        native.llama_model_free(model)


def require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelMissing(f"cannot open '{path}': {error.strerror}", "run lrev models pull") from error
    if magic != GGUF_MAGIC:
        raise ModelMissing(f"'{path}' is not a GGUF file", "lrev loads generators from GGUF files only")


def physical_cores() -> int:
    """Cores that this process may use, hyperthreads counted once; by /sys/devices/system/cpu/cpu*/topology."""
    usable = os.sched_getaffinity(0)
    siblings = set()
    for number in usable:
        try:
            siblings.add((_TOPOLOGY / f"cpu{number}" / "topology" / "thread_siblings_list").read_text())
        except OSError:
            return len(usable)
    return len(siblings)


def _model(native: ModuleType, load: Load) -> Handle:
    settings = native.llama_model_default_params()
    settings.n_gpu_layers = load.gpu_layers
    model: Handle = native.llama_model_load_from_file(os.fsencode(load.path), settings)
    if not model:
        raise MachineError(f"llama.cpp cannot load '{load.path}'", "lrev models verify says whether the file is whole")
    return model


def _context(native: ModuleType, model: Handle, load: Load) -> Handle:
    settings = native.llama_context_default_params()
    settings.n_ctx = load.context_tokens
    settings.n_batch = settings.n_ubatch = load.batch_tokens
    settings.n_seq_max = 1
    settings.n_threads = settings.n_threads_batch = load.threads or physical_cores()
    # Measured on a CPU with small models: reading is about as fast with it, writing up to a sixth slower.
    settings.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.no_perf = True
    context: Handle = native.llama_init_from_model(model, settings)
    if not context:
        raise MachineError(
            f"llama.cpp has no memory for a context of {load.context_tokens} tokens", "lower prompt_tokens"
        )
    return context


@cache
def _library() -> tuple[ModuleType, Any]:
    """llama.cpp, silenced; the callback stands beside it because C keeps only its address."""
    from llama_cpp import llama_cpp as native

    quiet = native.llama_log_callback(lambda _level, _text, _data: None)
    native.llama_log_set(quiet, ctypes.c_void_p(0))
    native.llama_backend_init()
    return native, quiet


def _common(wanted: Sequence[Tokens], held: Sequence[Tokens]) -> int:
    """How many chunks both begin with."""
    for at, (one, other) in enumerate(zip(wanted, held, strict=False)):
        if one != other:
            return at
    return min(len(wanted), len(held))
