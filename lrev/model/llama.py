"""The few calls of llama.cpp's C interface that the engine makes, each raising when llama.cpp says no."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrev.errors import MachineError, ModelMissing
from lrev.model.store import GGUF_MAGIC

if TYPE_CHECKING:
    import numpy

_SEQUENCE = 0
_PIECE_BYTES = 256


def physical_cores() -> int:
    """Cores this process may run on, hyper-threads of one core counted once; they only slow a model down."""
    cores = set()
    for cpu in os.sched_getaffinity(0):
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        cores.add(siblings.read_text().strip() if siblings.is_file() else str(cpu))
    return max(1, len(cores))


class Llama:
    """One model with one context of one sequence. Positions are filled in order from 0."""

    def __init__(self, path: Path, context_tokens: int, threads: int, batch_tokens: int, gpu_layers: int) -> None:
        self._path = path
        self.context_tokens = context_tokens
        self._threads = threads or physical_cores()
        self._batch_tokens = min(batch_tokens, context_tokens)
        self._gpu_layers = gpu_layers

    def open(self) -> None:
        """Raises ModelMissing for what is no GGUF file, MachineError when llama.cpp cannot load it."""
        with self._path.open("rb") as stream:
            if stream.read(len(GGUF_MAGIC)) != GGUF_MAGIC:
                raise ModelMissing(f"'{self._path}' is not a GGUF file")
        import llama_cpp

        self._c: Any = llama_cpp.llama_cpp
        self._silence = self._c.llama_log_callback(lambda *_: None)
        self._c.llama_log_set(self._silence, ctypes.c_void_p(0))
        self._c.llama_backend_init()
        model = self._c.llama_model_default_params()
        model.n_gpu_layers = self._gpu_layers
        self._model = self._c.llama_model_load_from_file(str(self._path).encode(), model)
        if not self._model:
            raise MachineError(
                f"llama.cpp cannot load '{self._path}'", "lrev models verify says whether the file is whole"
            )
        context = self._c.llama_context_default_params()
        context.n_ctx = self.context_tokens
        context.n_batch = context.n_ubatch = self._batch_tokens
        context.n_seq_max = 1
        context.n_threads = context.n_threads_batch = self._threads
        # Measured: flash attention makes small models several times slower on CPUs.
        context.flash_attn_type = self._c.LLAMA_FLASH_ATTN_TYPE_DISABLED
        context.no_perf = True
        self._context = self._c.llama_init_from_model(self._model, context)
        if not self._context:
            raise MachineError(f"llama.cpp has no memory for {self.context_tokens} tokens", "lower prompt_tokens")
        self._vocabulary = self._c.llama_model_get_vocab(self._model)
        self._words = self._c.llama_vocab_n_tokens(self._vocabulary)
        self._batch = self._c.llama_batch_init(self._batch_tokens, 0, 1)

    def close(self) -> None:
        self._c.llama_batch_free(self._batch)
        self._c.llama_free(self._context)
        self._c.llama_model_free(self._model)

    def tokens(self, text: str, *, control: bool = False) -> list[int]:
        """`control`: strings that are control tokens become them; else they are plain text."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        found = (self._c.llama_token * room)()
        count = self._c.llama_tokenize(self._vocabulary, data, len(data), found, room, False, control)
        if count < 0:
            raise MachineError("llama.cpp cannot tokenize a text")
        return list(found[:count])

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        count = self._c.llama_token_to_piece(self._vocabulary, token, buffer, _PIECE_BYTES, 0, False)
        return buffer.raw[: max(count, 0)]

    def is_end(self, token: int) -> bool:
        return bool(self._c.llama_vocab_is_eog(self._vocabulary, token))

    def truncate(self, length: int) -> None:
        """Forget what stands at position `length` and after it."""
        memory = self._c.llama_get_memory(self._context)
        if not self._c.llama_memory_seq_rm(memory, _SEQUENCE, length, -1):
            self._c.llama_memory_clear(memory, False)
            raise MachineError("this model's memory cannot be shortened", "choose a model without a recurrent state")

    def read(self, tokens: Sequence[int], position: int) -> numpy.ndarray:
        """Evaluate `tokens` from `position` on, in batches; the logits after the last one, shape (vocabulary,)."""
        import numpy

        for start in range(0, len(tokens), self._batch_tokens):
            part = tokens[start : start + self._batch_tokens]
            self._fill(part, position + start, last=start + len(part) == len(tokens))
            code = self._c.llama_decode(self._context, self._batch)
            if code != 0:
                raise MachineError(f"llama.cpp failed to read {len(part)} tokens at {position + start} (code {code})")
        logits = self._c.llama_get_logits_ith(self._context, -1)
        return numpy.ctypeslib.as_array(logits, shape=(self._words,)).astype(numpy.float64)

    def _fill(self, tokens: Sequence[int], position: int, *, last: bool) -> None:
        batch = self._batch
        batch.n_tokens = len(tokens)
        for at, token in enumerate(tokens):
            batch.token[at] = token
            batch.pos[at] = position + at
            batch.n_seq_id[at] = 1
            batch.seq_id[at][0] = _SEQUENCE
            batch.logits[at] = last and at == len(tokens) - 1
