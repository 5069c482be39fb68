"""Lexical search: one tantivy index a segment (docs/decisions/0001-index-layout.md has the measurement)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from lrev.indexing.tokens import query_words

if TYPE_CHECKING:
    import tantivy

_HEAP_BYTES = 128 * 1024 * 1024
# A name is worth more than a mention in the text: a heading, a function's own name, a subject.
_NAME_BOOST = 2.0
# Source has no date and is never hidden by one; mail without a readable date is hidden by any.
NO_DATE = 0
UNKNOWN_DATE = 1 << 60


@dataclass(frozen=True, slots=True)
class WordsOf:
    """One chunk as the lexical index takes it; the texts are words separated by spaces."""

    chunk: int
    kind: int
    date: int
    name: str
    text: str
    identifiers: str


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("name", stored=False, tokenizer_name="prose", index_option="freq")
    builder.add_text_field("text", stored=False, tokenizer_name="prose", index_option="freq")
    builder.add_text_field("identifiers", stored=False, tokenizer_name="exact", index_option="basic")
    builder.add_integer_field("chunk", stored=True, indexed=False, fast=True)
    builder.add_integer_field("kind", stored=False, indexed=True, fast=True)
    builder.add_integer_field("date", stored=False, indexed=True, fast=True)
    return builder.build()


def _stems() -> tantivy.TextAnalyzer:
    import tantivy

    spaces = tantivy.Tokenizer.whitespace()
    return tantivy.TextAnalyzerBuilder(spaces).filter(tantivy.Filter.stemmer("english")).build()


def _register(index: tantivy.Index) -> tantivy.Index:
    import tantivy

    index.register_tokenizer("prose", _stems())
    index.register_tokenizer("exact", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


class WordsWriter:
    """Takes the chunks of a segment and leaves one finished index behind."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._writer: Any = None

    def open(self) -> Self:
        import tantivy

        self._directory.mkdir()
        index = _register(tantivy.Index(_schema(), path=str(self._directory)))
        self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        return self

    def add(self, words: WordsOf) -> None:
        import tantivy

        document = tantivy.Document()
        document.add_text("name", words.name)
        document.add_text("text", words.text)
        document.add_text("identifiers", words.identifiers)
        document.add_integer("chunk", words.chunk)
        document.add_integer("kind", words.kind)
        document.add_integer("date", words.date)
        self._writer.add_document(document)

    def close(self) -> None:
        """tantivy keeps lock files and makes some files private; what remains is what a reader of any user needs."""
        self._writer.commit()
        self._writer.wait_merging_threads()
        self._writer = None
        umask = os.umask(0)
        os.umask(umask)
        for path in self._directory.iterdir():
            if path.suffix == ".lock":
                path.unlink()
            else:
                path.chmod(0o666 & ~umask)


class Words:
    """Reads the lexical index of one segment."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._links: TemporaryDirectory[str] | None = None
        self._index: Any = None
        self._searcher: Any = None

    def open(self) -> Self:
        """tantivy takes a lock file to read; links elsewhere keep the segment itself untouched, and read-only."""
        import tantivy

        self._links = TemporaryDirectory(prefix="lrev-words-", ignore_cleanup_errors=True)
        for path in self._directory.iterdir():
            (Path(self._links.name) / path.name).symlink_to(path.resolve())
        self._index = _register(tantivy.Index.open(self._links.name))
        # Otherwise a thread looks for commits all the time, and may put its lock file into a directory being removed.
        self._index.config_reader("manual")
        self._searcher = self._index.searcher()
        return self

    def close(self) -> None:
        self._searcher = self._index = None
        if self._links is not None:
            self._links.cleanup()

    def search(
        self, query: str, limit: int, kinds: Iterable[int] = (), before: int | None = None
    ) -> list[tuple[int, float]]:
        """(chunk, score), best first. `kinds` empty means all."""
        terms = query_words(query)
        if not terms or not self._searcher.num_docs:
            return []
        return self._found(_filtered(_any_of(terms), sorted(kinds), before), limit)

    def mentioning(self, identifier: str, kinds: Sequence[int], limit: int) -> list[int]:
        """Chunks of these kinds in which the identifier stands, whole and in its case."""
        import tantivy

        query = tantivy.Query.term_query(_schema(), "identifiers", identifier, "basic")
        return [chunk for chunk, _ in self._found(_filtered(query, kinds, None), limit)]

    def _found(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        # A count of all that match would have to look at each of them, where the best few are found by leaping.
        hits = self._searcher.search(query, limit, count=False).hits
        chunks = self._searcher.fast_field_values("chunk", [address for _, address in hits])
        return [(chunk, score) for chunk, (score, _) in zip(chunks, hits, strict=True)]


def _any_of(words: Sequence[str]) -> tantivy.Query:
    """One flat list of terms: only in such a one does tantivy pass over what cannot be among the best."""
    import tantivy

    schema, should = _schema(), tantivy.Occur.Should
    clauses = []
    for stem in dict.fromkeys(_stems().analyze(" ".join(words))):
        in_name = tantivy.Query.term_query(schema, "name", stem, "freq")
        clauses.append((should, tantivy.Query.term_query(schema, "text", stem, "freq")))
        clauses.append((should, tantivy.Query.boost_query(in_name, _NAME_BOOST)))
    return tantivy.Query.boolean_query(clauses)


def _filtered(query: tantivy.Query, kinds: Sequence[int], before: int | None) -> tantivy.Query:
    """The conditions do not take part in the score."""
    import tantivy

    schema, must = _schema(), tantivy.Occur.Must
    clauses = [(must, query)]
    if kinds:
        clauses.append((must, _unscored(tantivy.Query.term_set_query(schema, "kind", list(kinds)))))
    if before is not None:
        in_time = tantivy.Query.range_query(schema, "date", tantivy.FieldType.Integer, None, before, True, False)
        clauses.append((must, _unscored(in_time)))
    return tantivy.Query.boolean_query(clauses) if len(clauses) > 1 else query


def _unscored(query: tantivy.Query) -> tantivy.Query:
    import tantivy

    return tantivy.Query.boost_query(query, 0.0)
