"""Parsed blobs -> one immutable segment, written aside and renamed when it is whole."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import Self

import numpy

from lrev.indexing import store
from lrev.indexing.layout import (
    CHUNKER_VERSION,
    COLUMNS,
    KINDS_BY_CODE,
    NAMES,
    RELATIONS,
    SEGMENT,
    STORE,
    VECTORS,
    WORDS,
    EmbedderId,
    SegmentRecord,
    segment_path,
)
from lrev.indexing.names import name_hash
from lrev.indexing.relations import RelationsWriter
from lrev.indexing.rows import Parsed
from lrev.indexing.vectors import VectorsWriter
from lrev.indexing.words import NO_DATE, UNKNOWN_DATE, WordsOf, WordsWriter
from lrev.paths import sync_directory, write_beside
from lrev.types import Embedder

_EMBED_BATCH = 512
_READ_BYTES = 1 << 20


class SegmentWriter:
    """`add` in any order, then `close`. A segment's id comes from what went into it and for which generation."""

    def __init__(self, directory: Path, embedder: Embedder, number: int) -> None:
        self._directory = directory
        self._embedder = embedder
        self._names: dict[str, int] = {}
        self._waiting: list[str] = []
        self._columns: list[tuple[int, int, int]] = []
        self._relations = RelationsWriter()
        self._identity = hashlib.sha256(b"%d" % number)
        self._blobs = self._messages = self._symbols = 0

    def open(self) -> Self:
        """Only one builder writes (builder_lock), so that one name for the unfinished segment is enough."""
        self._aside = segment_path(self._directory, "building.tmp")
        self._aside.mkdir()
        self._store = store.create(self._aside / STORE, store.SEGMENT_TABLES)
        self._words = WordsWriter(self._aside / WORDS).open()
        self._vectors = VectorsWriter(self._aside / VECTORS, self._embedder.dimension)
        return self

    @property
    def chunks(self) -> int:
        return len(self._columns)

    def add(self, parsed: Parsed) -> None:
        self._blobs += 1
        blob = self._blobs
        self._identity.update(f"{parsed.blob} {parsed.path}\n".encode("utf-8", "surrogateescape"))
        self._insert("blob", [(blob, parsed.blob, parsed.path, parsed.archive)])
        name = self._name
        self._insert("symbol", [(name(row[0]), row[1], blob, *row[2:]) for row in parsed.symbols])
        if parsed.relations is not None:
            for text in parsed.relations.names:
                name(text)
            self._relations.add(blob, parsed.relations, self._names)
        self._insert("fact", [(name(row[0]), *row[1:4], blob, *row[4:]) for row in parsed.facts])
        self._symbols += len(parsed.symbols)
        self._add_mail(parsed, blob)
        self._add_chunks(parsed, blob)

    def close(self) -> SegmentRecord:
        self._embed()
        self._vectors.close()
        self._words.close()
        self._store.executemany("insert into name values (?, ?)", ((at, text) for text, at in self._names.items()))
        store.finish(self._store, store.SEGMENT_INDICES)
        self._relations.close(self._aside / RELATIONS)
        numpy.save(self._aside / NAMES, numpy.fromiter(map(name_hash, self._names), dtype=numpy.int64))
        numpy.save(self._aside / COLUMNS, numpy.array(self._columns, dtype=numpy.int64).reshape(-1, 3))
        record = self._record()
        write_beside(self._aside / SEGMENT, record.model_dump_json(indent=1).encode())
        _sync_files(self._aside)
        self._aside.rename(segment_path(self._directory, record.id))
        sync_directory(self._directory / "segments")
        return record

    def _add_mail(self, parsed: Parsed, blob: int) -> None:
        message, patch = parsed.message, parsed.patch
        if message is not None:
            self._messages += 1
            root = (message.reference_ids.split() or [message.in_reply_to or message.message_id])[0]
            self._insert("message", [(blob, *message, root)])
        if patch is not None:
            self._insert("patch", [(blob, *patch[:5])])
            self._insert("patch_file", [(blob, path) for path in patch.files])

    def _add_chunks(self, parsed: Parsed, blob: int) -> None:
        message = parsed.message
        date, message_id = (message.date, message.message_id) if message else (None, "")
        sort_date = NO_DATE if message is None else UNKNOWN_DATE if date is None else date
        rows: list[tuple[object, ...]] = []
        for number, chunk in enumerate(parsed.chunks, len(self._columns) + 1):
            span = (chunk.start, chunk.end)
            rows.append((number, chunk.kind, chunk.name, blob, *span, chunk.text, date, message_id))
            words = (chunk.name_words, chunk.text_words, chunk.identifiers)
            self._words.add(WordsOf(number, chunk.kind, sort_date, *words))
            self._columns.append((chunk.kind, sort_date, blob))
        self._insert("chunk", rows)
        self._waiting += [chunk.meaning for chunk in parsed.chunks]
        if len(self._waiting) >= _EMBED_BATCH:
            self._embed()

    def _embed(self) -> None:
        if self._waiting:
            self._vectors.add(numpy.ascontiguousarray(self._embedder.encode(self._waiting), dtype=numpy.float32))
            self._waiting.clear()

    def _insert(self, table: str, rows: list[tuple[object, ...]]) -> None:
        if rows:
            places = ",".join("?" * len(rows[0]))
            self._store.executemany(f"insert into {table} values ({places})", rows)  # noqa: S608 - our own names

    def _name(self, text: str) -> int:
        return self._names.setdefault(text, len(self._names) + 1)

    def _record(self) -> SegmentRecord:
        kinds = Counter(KINDS_BY_CODE[kind].value for kind, _, _ in self._columns)
        identity = embedder_id(self._embedder)
        self._identity.update(f"{CHUNKER_VERSION} {identity.sha256}".encode())
        return SegmentRecord(
            id=self._identity.hexdigest()[:20],
            chunker=CHUNKER_VERSION,
            embedder=identity,
            blobs=self._blobs,
            messages=self._messages,
            chunks=dict(sorted(kinds.items())),
            symbols=self._symbols,
            checksums=checksums(self._aside),
        )


def embedder_id(embedder: Embedder) -> EmbedderId:
    return EmbedderId(name=embedder.name, sha256=embedder.sha256, dimension=embedder.dimension)


def checksums(directory: Path) -> dict[str, str]:
    """sha256 of every file below `directory` but the record that holds them."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != SEGMENT)
    return {str(path.relative_to(directory)): file_sha256(path) for path in files}


def file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _sync_files(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_dir():
            sync_directory(path)
            continue
        with path.open("rb") as stream:
            os.fsync(stream.fileno())
    sync_directory(directory)
