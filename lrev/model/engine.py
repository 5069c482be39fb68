"""llama.cpp through its C interface: token sequences in, next-token scores out, what is already read kept.

Answers must not depend on what was asked before. Floating-point sums differ with the shape of a batch, so a prompt is
cut into the same chunks whatever the cache holds, whole chunks alone are reused, and the cells of the cache always
are 0..n in order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.errors import MachineError
from lrev.model.loading import Loaded
from lrev.model.tokenizer import Tokens, tokens_of

if TYPE_CHECKING:
    import numpy

_PIECE_BYTES = 256  # twice the longest token of Qwen2.5, which is 128 spaces


@dataclass(frozen=True, slots=True)
class Reading:
    """Tokens that were evaluated and tokens that were found in the cache."""

    read: int
    reused: int


class Engine:
    """One model with one sequence. Not for several threads."""

    def __init__(self, loaded: Loaded) -> None:
        self._native = loaded.native
        self._context = loaded.context
        self._batch_tokens = loaded.batch_tokens
        self._memory = self._native.llama_get_memory(loaded.context)
        self._vocabulary = self._native.llama_model_get_vocab(loaded.model)
        self._vocabulary_size: int = self._native.llama_vocab_n_tokens(self._vocabulary)
        self._chunks: list[Tokens] = []  # what the cache holds

    def opening(self) -> Tokens:
        """The token that begins every sequence of this model, if there is one."""
        begins = self._native.llama_vocab_get_add_bos(self._vocabulary)
        return (self._native.llama_vocab_bos(self._vocabulary),) if begins else ()

    def tokenize(self, text: str, *, control: bool = False) -> Tokens:
        """Tokens of `text` alone; control tokens are recognised in it only if `control`."""
        return tokens_of(self._native, self._vocabulary, text, control=control)

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


def _common(wanted: Sequence[Tokens], held: Sequence[Tokens]) -> int:
    """How many chunks both begin with."""
    for at, (one, other) in enumerate(zip(wanted, held, strict=False)):
        if one != other:
            return at
    return min(len(wanted), len(held))
