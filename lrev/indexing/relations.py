"""Relations between names (who calls whom, which call undoes which) as sorted arrays, mapped into memory when read.

Each is an int32 array of shape (5, n): first name, second name, blob, line, flags, sorted by them; a second file of
shape (n,) orders it by the second name. A row takes 24 bytes, where a table with two indices took 70.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

import numpy

from lrev.source.c_relations import Relations


class Relation(IntEnum):
    """Their order on the wire."""

    CALLS = 0
    PASSES = 1
    RESULTS = 2
    PAIRS = 3
    ENTRIES = 4
    SHAPES = 5


_BY_SECOND = frozenset({Relation.CALLS, Relation.PAIRS, Relation.ENTRIES})
_COLUMNS = 5
_WIRE_COLUMNS = 4


class Packed(NamedTuple):
    """One file's relations: names once, and rows of four int32 a relation; the first two are positions in `names`."""

    names: tuple[str, ...]
    tables: tuple[bytes, ...]


class Row(NamedTuple):
    first: int
    second: int
    blob: int
    line: int
    flags: int


def pack(relations: Relations) -> Packed:
    names: dict[str, int] = {}

    def at(name: str) -> int:
        return names.setdefault(name, len(names))

    tables = (
        _flat((at(one.callee), at(one.caller), one.line, one.flags) for one in relations.calls),
        _flat((at(one.callee), at(one.caller), one.line, one.flags) for one in relations.passes),
        _flat((at(one.callee), at(one.caller), one.line, one.flags) for one in relations.results),
        _flat((at(one.acquire), at(one.release), 0, one.how) for one in relations.pairs),
        _flat((at(one.field), at(one.function), one.line, at(one.of)) for one in relations.entries),
        _flat((at(one.name), at(one.name), one.line, one.flags) for one in relations.shapes),
    )
    return Packed(tuple(names), tables)


def _flat(rows: Iterable[tuple[int, int, int, int]]) -> bytes:
    flat = array("i")
    for row in rows:
        flat.extend(row)
    return flat.tobytes()


class RelationsWriter:
    """Collects the relations of a segment's blobs."""

    def __init__(self) -> None:
        self._parts: dict[Relation, list[numpy.ndarray]] = {relation: [] for relation in Relation}

    def add(self, blob: int, packed: Packed, ids: Mapping[str, int]) -> None:
        """`ids` knows every name of `packed`."""
        known = numpy.fromiter((ids[name] for name in packed.names), dtype=numpy.int32, count=len(packed.names))
        for relation, table in zip(Relation, packed.tables, strict=True):
            if table:
                rows = numpy.frombuffer(table, dtype=numpy.int32).reshape(-1, _WIRE_COLUMNS)
                flags = known[rows[:, 3]] if relation is Relation.ENTRIES else rows[:, 3]
                blobs = numpy.full(len(rows), blob, dtype=numpy.int32)
                self._parts[relation].append(
                    numpy.stack((known[rows[:, 0]], known[rows[:, 1]], blobs, rows[:, 2], flags))
                )

    def close(self, directory: Path) -> None:
        directory.mkdir()
        for relation, parts in self._parts.items():
            empty = numpy.zeros((_COLUMNS, 0), dtype=numpy.int32)
            rows = numpy.concatenate(parts, axis=1) if parts else empty
            rows = numpy.ascontiguousarray(rows[:, numpy.lexsort(rows[::-1])])
            numpy.save(directory / f"{relation.name.lower()}.npy", rows)
            if relation in _BY_SECOND:
                order = numpy.lexsort((rows[0], rows[1])).astype(numpy.int32)
                numpy.save(directory / f"{relation.name.lower()}.by-second.npy", order)


class RelationsReader:
    """The relations of one segment; each file is mapped when it is first asked for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._rows: dict[Relation, numpy.ndarray] = {}
        self._orders: dict[Relation, numpy.ndarray] = {}

    def rows(self, relation: Relation) -> numpy.ndarray:
        """int32, shape (5, n), sorted by the first name."""
        if relation not in self._rows:
            path = self._directory / f"{relation.name.lower()}.npy"
            self._rows[relation] = numpy.load(path, mmap_mode="r")
        return self._rows[relation]

    def of_first(self, relation: Relation, name: int) -> numpy.ndarray:
        """int32, shape (5, n): in the order of Row's fields."""
        rows = self.rows(relation)
        start, end = numpy.searchsorted(rows[0], [name, name + 1])
        return rows[:, start:end]

    def by_first(self, relation: Relation, name: int) -> Iterator[Row]:
        for column in self.of_first(relation, name).T.tolist():
            yield Row(*column)

    def by_second(self, relation: Relation, name: int) -> Iterator[Row]:
        rows = self.rows(relation)
        if relation not in self._orders:
            path = self._directory / f"{relation.name.lower()}.by-second.npy"
            self._orders[relation] = numpy.load(path, mmap_mode="r")
        order, second = self._orders[relation], rows[1]

        def name_at(at: int) -> int:
            return int(second[at])

        start, end = bisect_left(order, name, key=name_at), bisect_right(order, name, key=name_at)
        for column in rows[:, order[start:end]].T.tolist():
            yield Row(*column)
