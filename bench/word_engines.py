"""BM25, three ways, over the same words: what lrev makes of each chunk's name and text."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy

from lrev.indexing.tokens import query_words
from lrev.indexing.words import NO_DATE, Words, WordsOf, WordsWriter

LIMIT = 60
# lrev's own weight of a name, for the engines that can weigh.
_NAME_WEIGHT = 2.0
_BATCH = 10_000
# What lrev puts into one segment.
_SEGMENT_CHUNKS = 250_000

Rows = Callable[[], Iterator[tuple[str, str]]]
Search = Callable[[str], list[int]]


class Fts5:
    name = "SQLite FTS5"

    def missing(self) -> str:
        return ""

    def build(self, rows: Rows, directory: Path) -> None:
        connection = sqlite3.connect(directory / "words.sqlite", isolation_level=None)
        connection.executescript("pragma journal_mode=off; pragma synchronous=off;")
        options = "content='', tokenize=\"porter unicode61 tokenchars '_'\""
        connection.execute(f"create virtual table chunk using fts5(name, text, {options})")
        connection.execute("begin")
        connection.executemany(
            "insert into chunk(rowid, name, text) values (?, ?, ?)",
            ((number, *row) for number, row in enumerate(rows(), 1)),
        )
        connection.execute("commit")
        connection.execute("insert into chunk(chunk) values ('optimize')")
        connection.close()

    def open(self, directory: Path) -> Search:
        connection = sqlite3.connect(f"file:{directory / 'words.sqlite'}?immutable=1", uri=True)
        order = f"select rowid from chunk where chunk match ? order by bm25(chunk, {_NAME_WEIGHT}, 1.0) limit {LIMIT}"

        def search(text: str) -> list[int]:
            asked = " OR ".join(f'"{word}"' for word in query_words(text))
            return [number for (number,) in connection.execute(order, (asked,))] if asked else []

        return search


class Tantivy:
    """As lrev uses it, a segment each."""

    name = "tantivy (lrev)"

    def missing(self) -> str:
        return ""

    def build(self, rows: Rows, directory: Path) -> None:
        writer: WordsWriter | None = None
        for number, (name, text) in enumerate(rows()):
            if number % _SEGMENT_CHUNKS == 0:
                if writer is not None:
                    writer.close()
                writer = WordsWriter(directory / f"{number:08}").open()
            assert writer is not None
            writer.add(WordsOf(number % _SEGMENT_CHUNKS + 1, 0, NO_DATE, name, text, ""))
        if writer is not None:
            writer.close()

    def open(self, directory: Path) -> Search:
        parts = [(int(path.name), Words(path).open()) for path in sorted(directory.iterdir())]

        def search(text: str) -> list[int]:
            found = [(-score, start + chunk) for start, part in parts for chunk, score in part.search(text, LIMIT)]
            return [number for _, number in sorted(found)[:LIMIT]]

        return search


class Bm25s:
    """Scores are computed when it is built; names are not weighed, because a chunk is one list of words."""

    name = "bm25s"

    def missing(self) -> str:
        return "" if find_spec("bm25s") else "bm25s is not installed: pip install bm25s"

    def build(self, rows: Rows, directory: Path) -> None:
        bm25s = import_module("bm25s")
        known: dict[str, int] = {}
        numbers = [
            numpy.fromiter((known.setdefault(word, len(known)) for word in f"{name} {text}".split()), dtype=numpy.int32)
            for name, text in rows()
        ]
        engine = bm25s.BM25()
        engine.index((numbers, known), show_progress=False)
        engine.save(str(directory))

    def open(self, directory: Path) -> Search:
        engine = import_module("bm25s").BM25.load(str(directory), mmap=True)

        def search(text: str) -> list[int]:
            asked = [word for word in query_words(text) if word in engine.vocab_dict]
            if not asked:
                return []
            found, _ = engine.retrieve([asked], k=LIMIT, show_progress=False)
            return [int(one) + 1 for one in found[0]]

        return search


ENGINES = (Tantivy(), Fts5(), Bm25s())
