"""Reading one segment: rows by blob number, words and vectors under one mask of live chunks."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy

from lrev.indexing import store
from lrev.indexing.layout import COLUMNS, KINDS_BY_CODE, NAMES, RELATIONS, STORE, VECTORS, WORDS
from lrev.indexing.relations import Relation, RelationsReader
from lrev.indexing.rows import MessageRow
from lrev.indexing.vectors import Vectors
from lrev.indexing.words import Words
from lrev.types import Chunk, Fact, FactKind, FactOrigin, Span, Symbol, SymbolKind

_SYMBOLS = """select n.text, s.kind, b.sha, s.start, s.end, s.static, s.signature
    from name n join symbol s on s.name = n.id join blob b on b.id = s.blob where n.text = ?"""
_FACTS = """select n.text, f.kind, f.detail, f.origin, b.sha, f.line, f.condition
    from name n join fact f on f.function = n.id join blob b on b.id = f.blob where n.text = ?"""
_MESSAGES = """select b.sha, message_id, subject, sender_name, sender_address, date, in_reply_to, reference_ids,
    recipients, texts, bot from message m join blob b on b.id = m.blob where m.{column} = ?"""
# Dead chunks take places among the best; this many times the wanted number is asked for before giving up.
_WIDENINGS = (2, 8, 64)
_FIRST_MENTIONS = 64


def open_live(directory: Path, live: frozenset[str], removed: frozenset[str]) -> Segment:
    """Opened and masked: of source what is `live`, of mail what is not `removed`."""
    segment = Segment(directory).open()
    stored = segment.blobs()
    segment.mask([at for at, sha, mail in stored if (sha not in removed if mail else sha in live)])
    return segment


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """`date` and `message_id` are of a mail; None and "" for source."""

    chunk: Chunk
    date: int | None
    message_id: str


class Segment:
    """One open segment. `mask` must be called once with what is alive before anything is searched."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def open(self) -> Self:
        self._store = store.open_read_only(self.directory / STORE)
        self._columns = numpy.load(self.directory / COLUMNS, mmap_mode="r")
        self.relations = RelationsReader(self.directory / RELATIONS)
        self._opened_words: Words | None = None
        self._vectors = Vectors(self.directory / VECTORS)
        return self

    def close(self) -> None:
        self._store.close()
        if self._opened_words is not None:
            self._opened_words.close()

    def blobs(self) -> Iterator[tuple[int, str, bool]]:
        """(number, sha, whether it is a mail)."""
        yield from self._store.execute("select id, sha, archive != '' from blob")

    def mask(self, live_blobs: Collection[int]) -> None:
        self._live_blobs = numpy.zeros(self.blob_count, dtype=bool)
        self._live_blobs[numpy.fromiter(live_blobs, dtype=numpy.int64)] = True
        self._live = self._live_blobs[self._columns[:, 2]]
        self._kinds = self._columns[:, 0].astype(numpy.uint8)
        self._dates = numpy.ascontiguousarray(self._columns[:, 1])
        self._allowed: dict[tuple[int, ...], numpy.ndarray] = {}

    @property
    def blob_count(self) -> int:
        """One more than the greatest blob number, as numbers begin with 1."""
        return int(self._store.execute("select coalesce(max(id), 0) + 1 from blob").fetchone()[0])

    def live_blobs(self) -> numpy.ndarray:
        """bool, shape (blob_count,)."""
        return self._live_blobs

    def blob_paths(self) -> Iterator[tuple[int, str]]:
        """Where each blob of source was first seen."""
        yield from self._store.execute("select id, path from blob where archive = ''")

    def name_hashes(self) -> numpy.ndarray:
        """int64; position n is the name numbered n + 1."""
        hashes: numpy.ndarray = numpy.load(self.directory / NAMES, mmap_mode="r")
        return hashes

    def functions_with(self, kind: FactKind) -> numpy.ndarray:
        """Name and blob numbers of the functions a fact is stored of without a condition; int64, shape (2, n)."""
        query = "select function, blob from fact where kind = ? and condition = ''"
        rows = self._store.execute(query, (kind.value,)).fetchall()
        return numpy.array(rows, dtype=numpy.int64).reshape(-1, 2).T

    def relation(self, relation: Relation) -> numpy.ndarray:
        """int32, shape (5, n), see relations.py."""
        return self.relations.rows(relation)

    def chunk_counts(self) -> dict[int, int]:
        """Live chunks by kind code."""
        codes, counts = numpy.unique(self._columns[:, 0][self._live], return_counts=True)
        return {int(code): int(count) for code, count in zip(codes, counts, strict=True)}

    def symbols(self, name: str) -> Iterator[Symbol]:
        for text, kind, blob, start, end, static, signature in self._store.execute(_SYMBOLS, (name,)):
            yield Symbol(text, SymbolKind(kind), blob, Span(start, end), bool(static), signature)

    def facts(self, name: str) -> Iterator[Fact]:
        for function, kind, detail, origin, blob, line, condition in self._store.execute(_FACTS, (name,)):
            yield Fact(function, FactKind(kind), detail, FactOrigin(origin), blob, line, condition)

    def names_from(self, stem: str, limit: int) -> Iterator[str]:
        """Names that begin with `stem`."""
        after = stem + "\U0010ffff"
        rows = self._store.execute("select text from name where text between ? and ? limit ?", (stem, after, limit))
        yield from (text for (text,) in rows)

    def name_id(self, text: str) -> int:
        """0, which no name has, for an unknown one."""
        found = self._store.execute("select id from name where text = ?", (text,)).fetchone()
        return int(found[0]) if found else 0

    def name(self, number: int) -> str:
        return str(self._store.execute("select text from name where id = ?", (number,)).fetchone()[0])

    def blob(self, number: int) -> str:
        return str(self._store.execute("select sha from blob where id = ?", (number,)).fetchone()[0])

    def chunk(self, number: int) -> StoredChunk:
        row = self._store.execute(
            "select c.kind, c.name, b.sha, c.start, c.end, c.text, c.date, c.message from chunk c "
            "join blob b on b.id = c.blob where c.id = ?",
            (number,),
        ).fetchone()
        kind, name, blob, start, end, text, date, message_id = row
        chunk = Chunk(KINDS_BY_CODE[kind], name, blob, Span(start, end), zlib.decompress(text).decode())
        return StoredChunk(chunk, date, message_id)

    def chunk_at(self, blob: str, line: int) -> int | None:
        """The smallest chunk of a blob that covers the line."""
        row = self._store.execute(
            "select c.id from blob b join chunk c on c.blob = b.id where b.sha = ? and ? between c.start and c.end "
            "order by c.end - c.start limit 1",
            (blob, line),
        ).fetchone()
        return int(row[0]) if row else None

    def message(self, column: str, value: str) -> Iterator[tuple[str, MessageRow]]:
        """(blob, row) of the messages whose `column` (message_id, in_reply_to or root) is `value`."""
        query = _MESSAGES.format(column=column)
        for sha, *row in self._store.execute(query, (value,)):
            yield sha, MessageRow(*row)

    def patches_of(self, path: str) -> Iterator[tuple[str, str, str, str, str, int | None]]:
        """(blob, message-id, subject, sender's name and address, date) of the patch mails that touch the file."""
        yield from self._store.execute(
            "select b.sha, m.message_id, m.subject, m.sender_name, m.sender_address, m.date "
            "from patch_file f join message m on m.blob = f.blob join blob b on b.id = f.blob where f.path = ?",
            (path,),
        )

    def patches_between(self, since: int, until: int) -> Iterator[tuple[str, str]]:
        """(blob, message-id) of the patch mails of this time, `until` not part of it."""
        yield from self._store.execute(
            "select b.sha, m.message_id from patch p join message m on m.blob = p.blob "
            "join blob b on b.id = p.blob where m.date >= ? and m.date < ?",
            (since, until),
        )

    def mails_of(self, patch_id: str) -> Iterator[tuple[str, str]]:
        """(blob, message-id) of the mails with this patch."""
        yield from self._store.execute(
            "select b.sha, m.message_id from patch p join message m on m.blob = p.blob "
            "join blob b on b.id = p.blob where p.patch_id = ? order by m.date",
            (patch_id,),
        )

    def words(self, query: str, limit: int, kinds: Iterable[int], before: int | None) -> list[tuple[int, float]]:
        """(chunk, score) of live chunks, best first."""
        codes = tuple(kinds)
        live: list[tuple[int, float]] = []
        for times in (1, *_WIDENINGS):
            found = self._words.search(query, limit * times, codes, before)
            live = [(number, score) for number, score in found if self._live[number - 1]]
            if len(live) >= limit or len(found) < limit * times:
                break
        return live[:limit]

    def mentions(self, identifier: str, kinds: Iterable[int]) -> bool:
        """Whether a live chunk of these kinds holds the identifier; exhaustive."""
        codes = tuple(kinds)
        for limit in (_FIRST_MENTIONS, max(len(self._live), 1)):
            found = self._words.mentioning(identifier, codes, limit)
            if any(self._live[number - 1] for number in found):
                return True
            if len(found) < limit:
                break
        return False

    def vectors(
        self, vector: numpy.ndarray, limit: int, kinds: Iterable[int], before: int | None
    ) -> list[tuple[int, float]]:
        allowed = self._of_kinds(tuple(kinds))
        if before is not None:
            allowed = allowed & (self._dates < before)
        return self._vectors.search(vector, limit, allowed)

    def _of_kinds(self, codes: tuple[int, ...]) -> numpy.ndarray:
        """bool, shape (chunks,): the live ones, kept because a review asks for the same few kinds again and again."""
        if codes not in self._allowed:
            chosen = numpy.isin(self._kinds, codes) if codes else True
            self._allowed[codes] = self._live & chosen
        return self._allowed[codes]

    @property
    def _words(self) -> Words:
        """Opened when first searched: a look-up by name needs none of it."""
        if self._opened_words is None:
            self._opened_words = Words(self.directory / WORDS).open()
        return self._opened_words
