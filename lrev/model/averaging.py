"""Vectors of a static model without its library's loops: the same tokens, for plain text found eight times as fast.

A BERT tokenizer lowers its text, cuts it at white space, takes every punctuation character by itself and cuts what is
left into word pieces. So the pieces of a word depend on nothing around it, and are kept; punctuation is only counted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy
    from model2vec import StaticModel

# Cleaning drops other control characters and so joins what they part, and beyond ASCII lies the rest of Unicode: a text
# with any of them is left to the library. So is one that spells a token of the model's own.
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_PUNCTUATION = bytes(code for code in range(0x21, 0x7F) if not chr(code).isalnum())
_ASCII_CODES = 0x80
_BETWEEN_WORDS = bytes.maketrans(_PUNCTUATION, b" " * len(_PUNCTUATION))
_APART = {code: f" {chr(code)} " for code in _PUNCTUATION}
# A kernel writes some 400,000 words, most of them in one file only. With 150 bytes a word this makes 20 MB.
_KEPT_WORDS = 1 << 17
_FORM = {"normalizer": "BertNormalizer", "pre_tokenizer": "BertPreTokenizer", "model": "WordPiece"}

_Pieces = tuple[int, ...]


class _Kept(dict[bytes, _Pieces]):
    """Word -> token ids, filled from the tokenizer."""

    def __init__(self, tokenize: Callable[[str], _Pieces]) -> None:
        super().__init__()
        self._tokenize = tokenize

    def __missing__(self, word: bytes) -> _Pieces:
        if len(self) >= _KEPT_WORDS:
            self.clear()
        pieces = self[word] = self._tokenize(word.decode("ascii"))
        return pieces


@dataclass(frozen=True, slots=True)
class Averaging:
    """`marks` are the table's rows for punctuation; `characters` and `tokens` are where the library cuts a text."""

    table: numpy.ndarray
    marks: numpy.ndarray
    pieces: _Kept
    own_tokens: tuple[bytes, ...]
    unknown: int | None
    characters: int | None
    tokens: int | None

    @classmethod
    def of(cls, model: StaticModel) -> Self | None:
        """None for a model2vec StaticModel whose tokens are found or weighed in any other way."""
        import numpy

        if not _is_plain_bert(model):
            return None

        def tokenize(text: str) -> _Pieces:
            return tuple(model.tokenizer.encode(text, add_special_tokens=False).ids)

        marks = [tokenize(chr(code)) for code in _PUNCTUATION]
        if any(len(ids) != 1 or ids[0] == model.unk_token_id for ids in marks):
            return None
        table = numpy.ascontiguousarray(model.embedding, dtype=numpy.float32)
        own_tokens = tuple(token.content.encode() for token in model.tokenizer.get_added_tokens_decoder().values())
        tokens = model.max_length
        characters = None if tokens is None else tokens * model.median_token_length
        rows = table[[ids[0] for ids in marks]]
        return cls(table, rows, _Kept(tokenize), own_tokens, model.unk_token_id, characters, tokens)

    def sums(self, texts: Sequence[str]) -> tuple[numpy.ndarray, list[int]]:
        """float32, shape (len(texts), dimension), and the numbers of the texts that are left to the library.

        A sum points where the mean does, which is all that a row of length 1 keeps of it.
        """
        import numpy

        rows = numpy.zeros((len(texts), self.table.shape[1]), dtype=numpy.float32)
        counts = numpy.zeros((len(texts), len(self.marks)), dtype=numpy.float32)
        left = []
        for at, text in enumerate(texts):
            cut = text[: self.characters]
            found = self._tokens(cut) if self._is_plain(cut) else None
            if found is None or self.unknown in found[0]:
                left.append(at)
                continue
            ids, marks = found
            if ids:
                rows[at] = self.table.take(ids, axis=0).sum(axis=0)
            if marks is not None:
                counts[at] = marks
        # Not `counts @ self.marks`: its threads would spin between two batches of a build and take a parser's time.
        rows += numpy.einsum("tm,md->td", counts, self.marks)
        return rows, left

    def token_ids(self, text: str) -> list[int] | None:
        """In their order, cut as the library cuts, unknown words included. None for a text that is left to it."""
        cut = text[: self.characters]
        return self._in_order(cut) if self._is_plain(cut) else None

    def _tokens(self, text: str) -> tuple[list[int], numpy.ndarray | None]:
        """Token ids of the words, and how often each punctuation character stands there; None when it is in the ids."""
        import numpy

        data = text.lower().encode("ascii")
        ids = self._joined(data.translate(_BETWEEN_WORDS).split())
        codes = numpy.bincount(numpy.frombuffer(data, dtype=numpy.uint8), minlength=_ASCII_CODES)
        marks = codes[numpy.frombuffer(_PUNCTUATION, dtype=numpy.uint8)]
        if self.tokens is not None and len(ids) + int(marks.sum()) > self.tokens:
            return self._in_order(text), None
        return ids, marks

    def _in_order(self, text: str) -> list[int]:
        return self._joined(text.lower().translate(_APART).encode("ascii").split())[: self.tokens]

    def _joined(self, words: list[bytes]) -> list[int]:
        return list(chain.from_iterable(map(self.pieces.__getitem__, words)))

    def _is_plain(self, text: str) -> bool:
        if not text.isascii():
            return False
        data = text.encode("ascii")
        return not data.translate(None, _PLAIN) and not any(token in data for token in self.own_tokens)


def _is_plain_bert(model: StaticModel) -> bool:
    if model.weights is not None or model.token_mapping is not None:
        return False
    form = json.loads(model.tokenizer.to_str())
    if any((form[part] or {}).get("type") != kind for part, kind in _FORM.items()):
        return False
    normal = form["normalizer"]
    as_written = not any(token["lstrip"] or token["rstrip"] or token["normalized"] for token in form["added_tokens"])
    return bool(normal["lowercase"] and normal["clean_text"] and as_written)
