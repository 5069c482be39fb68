"""What one segment knows of how functions hang together, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lrev.indexing.relations import Relation, Row
from lrev.indexing.segment import Segment
from lrev.source.c_rows import CallFlag, ShapeFlag
from lrev.types import Call


@dataclass(frozen=True, slots=True)
class Related:
    """Look-ups in the relations of an open, masked segment; only live blobs count, but in calls_of and calls_to."""

    segment: Segment

    def calls_of(self, caller: str) -> Iterator[Call]:
        yield from self._calls(self.segment.relations.by_second(Relation.CALLS, self.segment.name_id(caller)))

    def calls_to(self, callee: str) -> Iterator[Call]:
        yield from self._calls(self.segment.relations.by_first(Relation.CALLS, self.segment.name_id(callee)))

    def count_calls_to(self, callee: str) -> int:
        """Counted as arrays: kfree() alone is called from 40,000 places."""
        rows = self.segment.relations.of_first(Relation.CALLS, self.segment.name_id(callee))
        blobs, flags = rows[Row._fields.index("blob")], rows[Row._fields.index("flags")]
        plain = (flags & (CallFlag.MEMBER | CallFlag.MACRO)) == 0
        return int((self.segment.live_blobs()[blobs] & plain).sum())

    def _calls(self, rows: Iterable[Row]) -> Iterator[Call]:
        for row in rows:
            if not row.flags & (CallFlag.MEMBER | CallFlag.MACRO):
                yield Call(
                    self.segment.name(row.second),
                    self.segment.name(row.first),
                    self.segment.blob(row.blob),
                    row.line,
                )

    def released_after(self, acquire: str) -> Iterator[str]:
        """The releases that were seen of what this call gave or was given, one for each place."""
        rows = self.segment.relations.by_first(Relation.PAIRS, self.segment.name_id(acquire))
        yield from (self.segment.name(row.second) for row in rows if self.segment.live_blobs()[row.blob])

    def acquired_before(self, release: str) -> Iterator[str]:
        rows = self.segment.relations.by_second(Relation.PAIRS, self.segment.name_id(release))
        yield from (self.segment.name(row.first) for row in rows if self.segment.live_blobs()[row.blob])

    def entries(self, name: str) -> Iterator[tuple[str, str, str, str, int]]:
        """(field, function, table, blob, line) of the tables that the function fills, or that have the field."""
        number = self.segment.name_id(name)
        for rows in (self.segment.relations.by_second, self.segment.relations.by_first):
            for row in rows(Relation.ENTRIES, number):
                if self.segment.live_blobs()[row.blob]:
                    field, function, table = map(self.segment.name, (row.first, row.second, row.flags))
                    yield field, function, table, self.segment.blob(row.blob), row.line

    def partly_read(self, name: str) -> Iterator[tuple[str, int]]:
        """(blob, line) of the functions of this name in which the parser met an error."""
        for row in self.segment.relations.by_first(Relation.SHAPES, self.segment.name_id(name)):
            if not row.flags & ShapeFlag.WHOLE:
                yield self.segment.blob(row.blob), row.line
