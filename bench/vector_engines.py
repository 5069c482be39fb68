"""Nearest neighbours, four ways: every FAISS index is built from the same file of vectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy

from lrev.indexing.vectors import Vectors, VectorsWriter

LIMIT = 60
RECALL_AT = 10
_BATCH = 4096
# What lrev puts into one segment.
_SEGMENT_CHUNKS = 250_000
_TRAINING_VECTORS = 40_000

Search = Callable[[numpy.ndarray], list[int]]


class Engine(Protocol):
    name: str

    def build(self, vectors: numpy.ndarray, directory: Path) -> None: ...

    def open(self, directory: Path) -> Search: ...


class Faiss:
    """One FAISS index over everything, made by its factory string."""

    def __init__(self, name: str, factory: str, settings: dict[str, int]) -> None:
        self.name = name
        self._factory = factory
        self._settings = settings

    def build(self, vectors: numpy.ndarray, directory: Path) -> None:
        import faiss

        index = faiss.index_factory(vectors.shape[1], self._factory, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            step = max(1, len(vectors) // _TRAINING_VECTORS)
            index.train(numpy.ascontiguousarray(vectors[::step], dtype=numpy.float32))
        for start in range(0, len(vectors), _BATCH):
            index.add(numpy.ascontiguousarray(vectors[start : start + _BATCH], dtype=numpy.float32))
        faiss.write_index(index, str(directory / "index.faiss"))

    def open(self, directory: Path) -> Search:
        import faiss

        index: Any = faiss.read_index(str(directory / "index.faiss"), faiss.IO_FLAG_MMAP_IFC)
        for name, value in self._settings.items():
            faiss.ParameterSpace().set_index_parameter(index, name, value)

        def search(vector: numpy.ndarray) -> list[int]:
            return [int(one) for one in index.search(vector.reshape(1, -1), LIMIT)[1][0]]

        return search


class Lrev:
    """What lrev does: a file a segment, in lists when it is large."""

    name = "lrev (SQ8, lists, a segment each)"

    def build(self, vectors: numpy.ndarray, directory: Path) -> None:
        for start in range(0, len(vectors), _SEGMENT_CHUNKS):
            writer = VectorsWriter(directory / f"{start:08}.faiss", vectors.shape[1])
            for at in range(start, min(start + _SEGMENT_CHUNKS, len(vectors)), _BATCH):
                end = min(at + _BATCH, start + _SEGMENT_CHUNKS)
                writer.add(numpy.ascontiguousarray(vectors[at:end], dtype=numpy.float32))
            writer.close()

    def open(self, directory: Path) -> Search:
        import faiss

        parts = []
        for path in sorted(directory.glob("*.faiss")):
            count = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC).ntotal
            parts.append((int(path.stem), Vectors(path), numpy.ones(count, dtype=bool)))

        def search(vector: numpy.ndarray) -> list[int]:
            found = [
                (-score, start + chunk - 1)
                for start, part, allowed in parts
                for chunk, score in part.search(vector, LIMIT, allowed)
            ]
            return [at for _, at in sorted(found)[:LIMIT]]

        return search


ENGINES: tuple[Engine, ...] = (
    Faiss("flat, 4 bytes a dimension (exact)", "Flat", {}),
    Faiss("SQ8 flat", "SQ8", {}),
    Faiss("IVF 1024, SQ8, 64 read", "IVF1024,SQ8", {"nprobe": 64}),
    Faiss("IVF 1024, SQ8, 192 read", "IVF1024,SQ8", {"nprobe": 192}),
    Faiss("HNSW 16, SQ8, 64 looked at", "HNSW16_SQ8", {"efSearch": 64}),
    Faiss("HNSW 16, SQ8, 256 looked at", "HNSW16_SQ8", {"efSearch": 256}),
    Lrev(),
)


def exact(vectors: numpy.ndarray, queries: numpy.ndarray) -> list[list[int]]:
    """The nearest of each query, by comparing with everything."""
    best = numpy.full((len(queries), RECALL_AT), -2, dtype=numpy.float32)
    where = numpy.zeros((len(queries), RECALL_AT), dtype=numpy.int64)
    for start in range(0, len(vectors), _BATCH):
        scores = queries @ numpy.asarray(vectors[start : start + _BATCH], dtype=numpy.float32).T
        together = numpy.concatenate((best, scores), axis=1)
        numbers = numpy.concatenate(
            (where, numpy.arange(start, start + scores.shape[1])[None].repeat(len(queries), 0)), 1
        )
        order = numpy.argpartition(-together, RECALL_AT, axis=1)[:, :RECALL_AT]
        best, where = numpy.take_along_axis(together, order, 1), numpy.take_along_axis(numbers, order, 1)
    return [[int(one) for one in row] for row in where]
