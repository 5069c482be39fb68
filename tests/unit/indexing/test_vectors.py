"""Vectors of a segment, small and large, against exact search."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest

from lrev.indexing.vectors import Vectors, VectorsWriter

DIMENSION = 24
SMALL, LARGE = 500, 31_000  # on either side of where lists begin
QUERIES = 60
LIMIT = 10


def unit_rows(count: int, seed: int) -> numpy.ndarray:
    """Around some hundred places, as texts of one subject are."""
    random = numpy.random.default_rng(seed)
    places = numpy.random.default_rng(0).normal(size=(200, DIMENSION))
    rows = places[random.integers(0, len(places), count)] + 0.6 * random.normal(size=(count, DIMENSION))
    unit: numpy.ndarray = (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).astype(numpy.float32)
    return unit


def written(path: Path, rows: numpy.ndarray) -> Vectors:
    writer = VectorsWriter(path, DIMENSION)
    for start in range(0, len(rows), 512):
        writer.add(rows[start : start + 512])
    writer.close()
    return Vectors(path)


def exact(rows: numpy.ndarray, query: numpy.ndarray, allowed: numpy.ndarray) -> set[int]:
    scores = numpy.where(allowed, rows @ query, -2)
    return {int(at) + 1 for at in numpy.argsort(-scores)[:LIMIT]}


@pytest.fixture(scope="module", params=[SMALL, LARGE])
def segment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[numpy.ndarray, Vectors]:
    rows = unit_rows(request.param, seed=1)
    return rows, written(tmp_path_factory.mktemp("vectors") / "vectors.faiss", rows)


@pytest.mark.parametrize("share", [1.0, 0.2])
def test_what_is_nearest_is_found_with_and_without_a_filter(
    segment: tuple[numpy.ndarray, Vectors], share: float
) -> None:
    rows, vectors = segment
    allowed = numpy.random.default_rng(3).random(len(rows)) < share
    found = 0
    for query in unit_rows(QUERIES, seed=2):
        hits = vectors.search(query, LIMIT, allowed)
        assert all(allowed[chunk - 1] for chunk, _ in hits)
        assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
        found += len({chunk for chunk, _ in hits} & exact(rows, query, allowed))
    assert found >= 0.95 * QUERIES * LIMIT


def test_a_filter_that_leaves_a_few_finds_all_of_them(segment: tuple[numpy.ndarray, Vectors]) -> None:
    rows, vectors = segment
    allowed = numpy.zeros(len(rows), dtype=bool)
    allowed[[0, 77, 300, len(rows) - 1]] = True
    hits = vectors.search(rows[300], LIMIT, allowed)
    assert {chunk for chunk, _ in hits} == {1, 78, 301, len(rows)}
    assert hits[0][0] == 301
    assert hits[0][1] == pytest.approx(1, abs=0.02)


def test_a_filter_that_leaves_nothing_finds_nothing(segment: tuple[numpy.ndarray, Vectors]) -> None:
    rows, vectors = segment
    assert vectors.search(rows[0], LIMIT, numpy.zeros(len(rows), dtype=bool)) == []


def test_a_search_reads_a_part_of_a_large_segment_only(tmp_path: Path) -> None:
    rows = unit_rows(LARGE, seed=1)
    vectors = written(tmp_path / "vectors.faiss", rows)
    everything = numpy.ones(LARGE, dtype=bool)
    assert len(vectors.search(rows[0], LARGE, everything)) < LARGE / 2


def test_the_same_vectors_give_the_same_file(tmp_path: Path) -> None:
    rows = unit_rows(LARGE, seed=4)
    written(tmp_path / "one", rows)
    written(tmp_path / "other", rows)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_segment_without_a_chunk_is_written_and_read(tmp_path: Path) -> None:
    vectors = written(tmp_path / "vectors.faiss", numpy.zeros((0, DIMENSION), dtype=numpy.float32))
    query = numpy.ones(DIMENSION, dtype=numpy.float32)
    assert vectors.search(query, LIMIT, numpy.zeros(0, dtype=bool)) == []


def test_a_search_leaves_the_number_of_threads_as_it_was(segment: tuple[numpy.ndarray, Vectors]) -> None:
    import faiss

    rows, vectors = segment
    faiss.omp_set_num_threads(2)
    vectors.search(rows[0], LIMIT, numpy.ones(len(rows), dtype=bool))
    assert faiss.omp_get_max_threads() == 2
