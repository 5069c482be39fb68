"""Nearest neighbours: one FAISS file a segment, position n holding the vector of chunk n + 1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy

# The quantiser learns each dimension's range from these. Recall at 10 was 0.974 with 256, 0.988 with 2,000 and 0.989
# with 20,000, against exact search.
_TRAINING_VECTORS = 20_000


class VectorsWriter:
    """Collects vectors in the order of their chunks. One byte a dimension, where a float takes four."""

    def __init__(self, path: Path, dimension: int) -> None:
        self._path = path
        self._dimension = dimension
        self._index: Any = None
        self._waiting: list[numpy.ndarray] = []
        self._count = 0

    def add(self, vectors: numpy.ndarray) -> None:
        """float32, shape (n, dimension)."""
        if self._index is not None:
            self._index.add(vectors)
            return
        self._waiting.append(vectors)
        self._count += len(vectors)
        if self._count >= _TRAINING_VECTORS:
            self._train()

    def close(self) -> None:
        import faiss

        if self._index is None:
            self._train()
        faiss.write_index(self._index, str(self._path))

    def _train(self) -> None:
        import faiss
        import numpy

        kind = faiss.ScalarQuantizer.QT_8bit
        self._index = faiss.IndexScalarQuantizer(self._dimension, kind, faiss.METRIC_INNER_PRODUCT)
        empty = numpy.zeros((1, self._dimension), dtype=numpy.float32)
        together = numpy.concatenate(self._waiting) if self._waiting else empty[:0]
        self._index.train(together if len(together) else empty)
        self._index.add(together)
        self._waiting.clear()


class Vectors:
    """Reads the vectors of one segment, mapped into memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._index: Any = None

    def search(self, vector: numpy.ndarray, limit: int, allowed: numpy.ndarray) -> list[tuple[int, float]]:
        """(chunk, cosine), best first. `vector` has shape (dimension,); `allowed` is one bool a chunk."""
        import faiss
        import numpy

        if self._index is None:
            self._index = faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP_IFC)
        wanted = min(limit, int(allowed.sum()))
        if not wanted:
            return []
        bits = numpy.packbits(allowed, bitorder="little")
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        query = numpy.ascontiguousarray(vector, dtype=numpy.float32).reshape(1, -1)
        scores, found = self._index.search(query, wanted, params=parameters)
        return [(int(at) + 1, float(score)) for at, score in zip(found[0], scores[0], strict=True) if at >= 0]
