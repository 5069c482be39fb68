"""Vectors of an embedder that takes hours, kept while a build goes on, so that a killed one loses none.

A file of records beside the unfinished segment: 16 bytes of a hash of the text, then the vector as float16. A record
that a kill cut short is dropped when the file is next opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy

from lrev.types import Embedder

_HASH_BYTES = 16


class RememberingEmbedder:
    """The embedder `inner`, asked only for what is not in the file. Use as a context manager; `forget` when done."""

    def __init__(self, inner: Embedder, directory: Path) -> None:
        self._inner = inner
        self._path = directory / f"vectors-{inner.sha256[:16]}.tmp-cache"
        self._places: dict[bytes, int] = {}

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def sha256(self) -> str:
        return self._inner.sha256

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    def __enter__(self) -> Self:
        self._stream: BinaryIO = self._path.open("a+b")
        size = _HASH_BYTES + 2 * self.dimension
        whole = self._path.stat().st_size // size * size
        self._stream.truncate(whole)
        self._stream.seek(0)
        for place in range(0, whole, size):
            self._places[self._stream.read(_HASH_BYTES)] = place + _HASH_BYTES
            self._stream.seek(place + size)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    def forget(self) -> None:
        """When what it was kept for is published."""
        self._path.unlink(missing_ok=True)

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """As the embedder does, but for the rounding to float16 of what is kept."""
        keys = [hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=_HASH_BYTES).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._places}
        if missing:
            vectors = self._inner.encode(list(missing.values())).astype(numpy.float16)
            self._stream.seek(0, 2)
            for key, vector in zip(missing, vectors, strict=True):
                self._stream.write(key)
                self._places[key] = self._stream.tell()
                self._stream.write(vector.tobytes())
            self._stream.flush()
        rows = [self._read(self._places[key]) for key in keys]
        return numpy.array(rows, dtype=numpy.float32).reshape(len(texts), self.dimension)

    def _read(self, place: int) -> numpy.ndarray:
        self._stream.seek(place)
        return numpy.frombuffer(self._stream.read(2 * self.dimension), dtype=numpy.float16)
