"""Compares engines for words and for vectors on the chunks of a real index (docs/decisions/0003-search-engines.md).

python -m bench.engines --index DIR [--patches DIR] [--only words,vectors]
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy

from bench import vector_engines, word_engines
from bench.measuring import in_child, megabytes, percentile, table, timed
from bench.queries import Query, from_patches, from_stores
from lrev.indexing.tokens import runs, words

_BATCH = 512
# The slowest engine takes a second for a query of a whole hunk.
_WORDS_ASK_EVERY = 3
_WARMING = 20
_HEAD = ("engine", "build CPU s", "size MB", "peak MB", "p50 ms", "p99 ms", "found")
# As parsing.py cuts what the embedder reads.
_MEANING_CHARACTERS = 1200
_FIRST = vector_engines.RECALL_AT


def main() -> int:
    parser = argparse.ArgumentParser(description="compare engines for words and for vectors")
    parser.add_argument("--index", type=Path, required=True, help="a built index; its chunks are taken")
    parser.add_argument("--patches", type=Path, help="a directory of patches to take the queries from")
    parser.add_argument("--only", default="words,vectors")
    parser.add_argument("--work", type=Path, help="where the engines' files go, some 10 GB for a whole kernel")
    chosen = parser.parse_args()
    stores = sorted(chosen.index.glob("segments/*/store.sqlite"))
    if not stores:
        parser.error(f"no index in '{chosen.index}'")
    queries = from_patches(chosen.patches) if chosen.patches else from_stores(stores)
    with TemporaryDirectory(prefix="lrev-engines-", dir=chosen.work) as work:
        for part in chosen.only.split(","):
            _PARTS[part](stores, queries, Path(work))
    return 0


def _compare_words(stores: list[Path], queries: list[Query], work: Path) -> None:
    """`found`: of the queries that name or quote a function, the share with that function among the first 10."""
    rows = []
    for engine in word_engines.ENGINES:
        if missing := engine.missing():
            print(f"skipped: {missing}", flush=True)
            continue
        directory = _empty(work / "words")
        built = in_child(partial(engine.build, partial(_word_rows, stores), directory))
        asked: Any = in_child(partial(_ask_words, engine.open, directory, queries, stores)).answer
        rows.append(_row(engine.name, built.cpu_seconds, megabytes(directory), built.peak_megabytes, asked))
        print(rows[-1], flush=True)
    print(table(_HEAD, rows), flush=True)


def _compare_vectors(stores: list[Path], queries: list[Query], work: Path) -> None:
    """`found`: of the 10 nearest, the share that is among the first 10."""
    data = work / "vectors.npy"
    in_child(partial(_embed, stores, queries, data))
    rows = []
    truth: Any = in_child(partial(_truth, data)).answer
    for engine in vector_engines.ENGINES:
        directory = _empty(work / "vectors")
        built = in_child(partial(_build_vectors, engine, data, directory))
        asked: Any = in_child(partial(_ask_vectors, engine.open, directory, data, truth)).answer
        rows.append(_row(engine.name, built.cpu_seconds, megabytes(directory), built.peak_megabytes, asked))
        print(rows[-1], flush=True)
    print(table(_HEAD, rows), flush=True)


def _row(name: str, cpu: float, size: float, peak: float, asked: list[float]) -> tuple[str, ...]:
    p50, p99, found = asked
    return name, f"{cpu:.0f}", f"{size:.0f}", f"{peak:.0f}", f"{p50:.1f}", f"{p99:.1f}", f"{found:.3f}"


def _chunks(stores: list[Path], columns: str) -> Iterator[tuple[Any, ...]]:
    for path in stores:
        connection = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
        yield from connection.execute(f"select {columns} from chunk order by id")
        connection.close()


def _word_rows(stores: list[Path]) -> Iterator[tuple[str, str]]:
    for name, text in _chunks(stores, "name, text"):
        yield words(runs(name)), words(runs(zlib.decompress(text).decode()))


def _ask_words(
    open_engine: Callable[[Path], word_engines.Search], directory: Path, queries: list[Query], stores: list[Path]
) -> list[float]:
    search = open_engine(directory)
    names = [name for (name,) in _chunks(stores, "name")]
    queries = queries[::_WORDS_ASK_EVERY]
    for query in queries[:_WARMING]:
        search(query.text)
    asked = [timed(partial(search, query.text)) for query in queries]
    times = [taken for _, taken in asked]
    found = [
        query.target in {names[number - 1] for number in results[:_FIRST]}
        for query, (results, _) in zip(queries, asked, strict=True)
        if query.target
    ]
    return [percentile(times, 0.5), percentile(times, 0.99), sum(found) / max(1, len(found))]


def _embed(stores: list[Path], queries: list[Query], target: Path) -> None:
    """The vectors of all chunks, and beside them those of the queries. Half floats: the table has no more."""
    from lrev.manifest import load_manifest
    from lrev.model.embedder import open_embedder

    manifest = load_manifest()
    embedder = open_embedder(manifest.get(manifest.default_embedder))
    parts, waiting = [], []
    for name, text in _chunks(stores, "name, text"):
        waiting.append(f"{name}\n{zlib.decompress(text).decode()}"[:_MEANING_CHARACTERS])
        if len(waiting) == _BATCH:
            parts.append(embedder.encode(waiting).astype(numpy.float16))
            waiting = []
    parts.append(embedder.encode(waiting).astype(numpy.float16))
    numpy.save(target, numpy.concatenate(parts))
    numpy.save(target.with_suffix(".queries.npy"), embedder.encode([query.text for query in queries]))


def _truth(data: Path) -> list[list[int]]:
    return vector_engines.exact(numpy.load(data, mmap_mode="r"), numpy.load(data.with_suffix(".queries.npy")))


def _build_vectors(engine: vector_engines.Engine, data: Path, directory: Path) -> None:
    engine.build(numpy.load(data, mmap_mode="r"), directory)


def _ask_vectors(
    open_engine: Callable[[Path], vector_engines.Search], directory: Path, data: Path, truth: list[list[int]]
) -> list[float]:
    search = open_engine(directory)
    vectors = numpy.load(data.with_suffix(".queries.npy"))
    for vector in vectors:
        search(vector)
    asked = [timed(partial(search, vector)) for vector in vectors]
    times = [taken for _, taken in asked]
    shares = [len({*found[:_FIRST]} & {*best}) / _FIRST for (found, _), best in zip(asked, truth, strict=True)]
    return [percentile(times, 0.5), percentile(times, 0.99), sum(shares) / len(shares)]


def _empty(directory: Path) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


_PARTS = {"words": _compare_words, "vectors": _compare_vectors}

if __name__ == "__main__":
    sys.exit(main())
