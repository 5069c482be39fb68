"""Nearest neighbours: one FAISS file a segment, the vector of chunk n + 1 under number n.

Vectors take one byte a dimension. A small segment is searched whole; in a large one the vectors stand in lists by the
nearest of some hundred centres, and only the lists nearest to the query are read. docs/decisions/0003-search-engines.md
has the measurements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, isqrt, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import faiss
    import numpy

# The quantiser learns each dimension's range from these. Recall at 10 was 0.974 with 256, 0.988 with 2,000 and 0.989
# with 20,000, against exact search.
_TRAINING_VECTORS = 20_000
# Below this a search of all takes a millisecond, and lists would save less than their centres cost.
_LISTED_FROM_VECTORS = 30_000
# Centres learn from this many vectors each, taken evenly from the whole segment, in this many rounds: 250,000 vectors
# take 2 s, and neither twice the vectors nor twice the rounds found more.
_VECTORS_PER_CENTRE = 40
_ROUNDS = 8
_SEED = 1
# The share of the lists that is read, and the work of a search. Recall at 10 over a whole kernel is 0.94 with an
# eighth, 0.95 with this and 0.96 with a quarter; one byte a dimension alone costs 0.02.
_READ_SHARE = 3 / 16
# 16 MB of floats at a time while vectors move to their lists.
_MOVED_AT_ONCE = 16_384


class VectorsWriter:
    """Collects vectors in the order of their chunks. The same vectors give the same file."""

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
        if self._index.ntotal >= _LISTED_FROM_VECTORS:
            self._index = _in_lists(self._index)
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


def _in_lists(flat: faiss.Index) -> faiss.Index:
    """The same bytes a vector, in lists. What is read back and written again falls on the same bytes."""
    import faiss

    kind = faiss.ScalarQuantizer.QT_8bit
    with _one_thread():
        centres = _centres(flat)
        listed = faiss.IndexIVFScalarQuantizer(centres, flat.d, centres.ntotal, kind, faiss.METRIC_INNER_PRODUCT, False)
        listed.sq = flat.sq
        listed.is_trained = True
        for start in range(0, flat.ntotal, _MOVED_AT_ONCE):
            listed.add(flat.reconstruct_n(start, min(_MOVED_AT_ONCE, flat.ntotal - start)))
    return listed


def _centres(flat: faiss.Index) -> faiss.Index:
    import faiss
    import numpy

    count = isqrt(flat.ntotal)
    step = max(1, flat.ntotal // (count * _VECTORS_PER_CENTRE))
    sample = flat.reconstruct_batch(numpy.arange(0, flat.ntotal, step))
    clustering = faiss.Clustering(flat.d, count)
    clustering.niter, clustering.seed, clustering.spherical = _ROUNDS, _SEED, True
    clustering.min_points_per_centroid, clustering.max_points_per_centroid = 1, len(sample)
    centres = faiss.IndexFlatIP(flat.d)
    clustering.train(sample, centres)
    return centres


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
            # Not IO_FLAG_MMAP: its way of reading lists takes four times the time of a search.
            self._index = faiss.read_index(str(self._path), faiss.IO_FLAG_MMAP_IFC)
        candidates = int(numpy.count_nonzero(allowed))
        wanted = min(limit, candidates)
        if not wanted:
            return []
        selector = faiss.IDSelectorBitmap(numpy.packbits(allowed, bitorder="little"))
        query = numpy.ascontiguousarray(vector, dtype=numpy.float32).reshape(1, -1)
        with _one_thread():
            scores, found = self._index.search(query, wanted, params=self._parameters(selector, candidates))
        return [(int(at) + 1, float(score)) for at, score in zip(found[0], scores[0], strict=True) if at >= 0]

    def _parameters(self, selector: faiss.IDSelector, candidates: int) -> faiss.SearchParameters:
        """Where few vectors count, more lists are read; in proportion would find no more and cost twice the time."""
        import faiss

        if not isinstance(self._index, faiss.IndexIVF):
            return faiss.SearchParameters(sel=selector)
        lists = self._index.nlist
        share = _READ_SHARE * sqrt(self._index.ntotal / candidates)
        return faiss.SearchParametersIVF(sel=selector, nprobe=min(lists, ceil(lists * share)))


@contextmanager
def _one_thread() -> Iterator[None]:
    """One query is too short to be shared out: the other threads would only spin until it is done."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
