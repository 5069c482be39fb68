"""Which file of which tree is which blob: one small database a generation, and changes laid over it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lrev.indexing import store


@dataclass(frozen=True, slots=True)
class File:
    """`size` and `mtime_ns` are those of the last reading, to tell without reading that a file is the same."""

    tree: str
    path: str
    blob: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blob stands."""

    tree: str
    path: str


@dataclass(frozen=True, slots=True)
class Overlaid:
    """Files that differ from the listing: path -> blob, None where the file is gone. For one tree."""

    tree: str = ""
    blobs: Mapping[str, str | None] = field(default_factory=dict)


def write(path: Path, files: Iterable[File]) -> None:
    """Aside and renamed."""
    aside = path.with_name(path.name + ".tmp")
    aside.unlink(missing_ok=True)
    connection = store.create(aside, store.LISTING_TABLES)
    rows = ((file.tree, file.path, file.blob, file.size, file.mtime_ns) for file in files)
    connection.executemany("insert into file values (?, ?, ?, ?, ?)", rows)
    store.finish(connection, store.LISTING_INDICES)
    with aside.open("rb") as stream:
        os.fsync(stream.fileno())
    aside.replace(path)


def fingerprint(files: Iterable[File]) -> str:
    """The same for the same files, in whatever order a directory or a commit gives them."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.path):
        digest.update(f"{file.blob} {file.path}\n".encode())
    return digest.hexdigest()


class Listing:
    """The listing of one generation, with what was changed since laid over it."""

    def __init__(self, path: Path, overlaid: Overlaid | None = None) -> None:
        self._store: sqlite3.Connection = store.open_read_only(path)
        self._overlaid = overlaid or Overlaid()
        self._added: dict[str, list[Place]] = {}
        for name, blob in self._overlaid.blobs.items():
            if blob is not None:
                self._added.setdefault(blob, []).append(Place(self._overlaid.tree, name))

    def close(self) -> None:
        self._store.close()

    def files(self, tree: str) -> Iterator[File]:
        """As published, without what is laid over it."""
        rows = self._store.execute("select tree, path, blob, size, mtime_ns from file where tree = ?", (tree,))
        yield from (File(*row) for row in rows)

    def blobs(self) -> frozenset[str]:
        """Blobs that stand somewhere."""
        if not self._overlaid.blobs:
            return frozenset(blob for (blob,) in self._store.execute("select distinct blob from file"))
        rows = self._store.execute("select tree, path, blob from file")
        standing = {blob for tree, path, blob in rows if not self._is_replaced(tree, path)}
        return frozenset(standing | self._added.keys())

    def places(self, blob: str) -> tuple[Place, ...]:
        rows = self._store.execute("select tree, path from file where blob = ? order by tree, path", (blob,))
        listed = (Place(tree, path) for tree, path in rows if not self._is_replaced(tree, path))
        return (*listed, *self._added.get(blob, ()))

    def blob_at(self, path: str) -> str | None:
        """The blob of a path in any tree."""
        if path in self._overlaid.blobs:
            return self._overlaid.blobs[path]
        row = self._store.execute("select blob from file where path = ? order by tree limit 1", (path,)).fetchone()
        return str(row[0]) if row else None

    def count(self, tree: str) -> int:
        return int(self._store.execute("select count(*) from file where tree = ?", (tree,)).fetchone()[0])

    def _is_replaced(self, tree: str, path: str) -> bool:
        return tree == self._overlaid.tree and path in self._overlaid.blobs
