"""Which file of which tree is which blob: one small database a generation, and changes laid over it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    """The listing of one generation, with what was changed since laid over it. `trees` are those that are seen."""

    def __init__(self, path: Path, overlaid: Overlaid | None = None, trees: Sequence[str] = ()) -> None:
        self._store: sqlite3.Connection = store.open_read_only(path)
        self._overlaid = overlaid or Overlaid()
        self._order = {name: at for at, name in enumerate(trees)}
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
        standing: set[str] = set()
        for tree in self._order or [name for (name,) in self._store.execute("select distinct tree from file")]:
            replaced = self._overlaid.blobs if tree == self._overlaid.tree else {}
            rows = self._store.execute("select blob, path from file where tree = ?", (tree,))
            standing.update(blob for blob, path in rows if path not in replaced)
        return frozenset(standing | self._added.keys())

    def places(self, blob: str) -> tuple[Place, ...]:
        """The trees in the order in which they are seen."""
        rows = self._store.execute("select tree, path from file where blob = ? order by tree, path", (blob,))
        listed = [Place(tree, path) for tree, path in rows if self._is_seen(tree, path)]
        return tuple(sorted((*listed, *self._added.get(blob, ())), key=lambda place: self._order.get(place.tree, 0)))

    def blob_at(self, path: str) -> str | None:
        """The blob of a path, in the first tree that has it."""
        if path in self._overlaid.blobs:
            return self._overlaid.blobs[path]
        rows = self._store.execute("select tree, blob from file where path = ? order by tree", (path,)).fetchall()
        seen = [(self._order.get(tree, 0), blob) for tree, blob in rows if self._is_seen(tree, path)]
        return min(seen)[1] if seen else None

    def count(self, tree: str) -> int:
        return int(self._store.execute("select count(*) from file where tree = ?", (tree,)).fetchone()[0])

    def count_below_top(self, tree: str) -> int:
        """Files in folders."""
        query = "select count(*) from file where tree = ? and path like '%/%'"
        return int(self._store.execute(query, (tree,)).fetchone()[0])

    def count_shared(self, one: str, other: str) -> int:
        """Paths in folders that are in both trees, whatever the bytes."""
        query = "select count(*) from file a join file b on b.path = a.path where a.tree = ? and b.tree = ?"
        return int(self._store.execute(query + " and a.path like '%/%'", (one, other)).fetchone()[0])

    def _is_seen(self, tree: str, path: str) -> bool:
        if self._order and tree not in self._order:
            return False
        return tree != self._overlaid.tree or path not in self._overlaid.blobs
