"""Which tokens may follow under a JSON schema: llama.cpp's own grammar, asked about few tokens at a time.

To judge a token costs about as much as to score it, and a vocabulary has 150,000. The likeliest is nearly always
allowed, so it is asked about alone first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from lrev.errors import UsageError
from lrev.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy

_ROOT = b"root"
# As llama_token_data in llama.h: what is asked about, and the logit that tells the answer.
_FIELDS = [("id", "i4"), ("logit", "f4"), ("probability", "f4")]


@lru_cache(maxsize=64)
def grammar_of(schema: str) -> str:
    """GBNF (llama.cpp's grammars) of a JSON schema. Raises UsageError for what is none, or what has no grammar."""
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        grammar: str = json_schema_to_gbnf(schema)
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        raise UsageError(f"cannot make a grammar of the schema '{schema}': {error}") from error
    return grammar


class Grammar:
    """How far a text under a grammar has come."""

    def __init__(self, vocabulary: Vocabulary, sampler: int) -> None:
        self._native = vocabulary.native
        self._sampler = sampler
        self._end = self._native.llama_vocab_eos(vocabulary.handle)

    def allows(self, tokens: Sequence[int] | numpy.ndarray) -> numpy.ndarray:
        """bool, shape (len(tokens),): which of them may come next."""
        import numpy

        asked = numpy.zeros(len(tokens), dtype=_FIELDS)
        asked["id"] = tokens
        data = asked.ctypes.data_as(self._native.llama_token_data_p)
        array = self._native.llama_token_data_array(data, len(tokens), -1, False)
        self._native.llama_sampler_apply(self._sampler, ctypes.byref(array))
        allowed: numpy.ndarray = numpy.isfinite(asked["logit"])
        return allowed

    def may_end(self) -> bool:
        return bool(self.allows((self._end,))[0])

    def accept(self, token: int) -> None:
        """`token`, which is allowed, comes next."""
        self._native.llama_sampler_accept(self._sampler, token)


@contextmanager
def open_grammar(vocabulary: Vocabulary, grammar: str) -> Iterator[Grammar]:
    """Raises UsageError for a grammar that llama.cpp does not understand."""
    sampler = vocabulary.native.llama_sampler_init_grammar(vocabulary.handle, grammar.encode(), _ROOT)
    if not sampler:
        raise UsageError("llama.cpp does not understand the grammar of a question")
    try:
        yield Grammar(vocabulary, sampler)
    finally:
        vocabulary.native.llama_sampler_free(sampler)
