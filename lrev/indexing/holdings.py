"""What a build finds finished: the segments of the last generation, and whole ones that a killed build left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lrev.indexing import store
from lrev.indexing.layout import CHUNKER_VERSION, STORE, EmbedderId, SegmentRecord, read_record, segment_path

# Every segment costs each query a search of its own. Beyond this many the smallest are made again as one.
_MAX_SEGMENTS = 12
_MERGED_SEGMENTS = 8


@dataclass(slots=True)
class Holdings:
    """`blobs` by segment id; `message_ids` of all mail in them; `gave_up_mail`: some is to be read again."""

    directory: Path
    segments: list[SegmentRecord] = field(default_factory=list)
    blobs: dict[str, frozenset[str]] = field(default_factory=dict)
    message_ids: set[str] = field(default_factory=set)
    gave_up_mail: bool = False

    def known(self) -> frozenset[str]:
        return frozenset().union(*self.blobs.values())

    def take(self, records: Iterable[SegmentRecord]) -> None:
        for record in records:
            connection = store.open_read_only(segment_path(self.directory, record.id) / STORE)
            self.blobs[record.id] = frozenset(sha for (sha,) in connection.execute("select sha from blob"))
            self.message_ids.update(one for (one,) in connection.execute("select message_id from message"))
            connection.close()
            self.segments.append(record)

    def adopt(self, embedder: EmbedderId, archives: Sequence[Path]) -> None:
        """Take finished segments that no generation names, if they hold nothing that is held already.

        Nor mail of other archives than these: a reader may have kept a segment from being swept when its archive was
        taken out of the index.
        """
        wanted = {path.name for path in archives}
        referred = {record.id for record in self.segments}
        for path in sorted((self.directory / "segments").iterdir()):
            record = read_record(path)
            if path.name in referred or record is None or record.id != path.name:
                continue
            if record.chunker == CHUNKER_VERSION and record.embedder == embedder:
                trial = Holdings(self.directory)
                trial.take([record])
                if self.known().isdisjoint(trial.known()) and self._archives(record) <= wanted:
                    self.take([record])

    def drop_smallest(self, archives: Sequence[Path]) -> None:
        """When there are too many: forget the smallest segments, so that their blobs are parsed again into one.

        Those with mail of an archive that is not there stay: nothing could be read again.
        """
        if len(self.segments) <= _MAX_SEGMENTS:
            return
        readable = {path.name for path in archives if path.exists()}
        again = [record for record in self.segments if self._archives(record) <= readable]
        for record in sorted(again, key=lambda one: sum(one.chunks.values()))[:_MERGED_SEGMENTS]:
            self.gave_up_mail = self.gave_up_mail or bool(record.messages)
            self.forget(record)

    def forget_archive(self, name: str) -> None:
        """With all that shares a segment with its mail, which is to be read again."""
        for record in [one for one in self.segments if name in self._archives(one)]:
            self.forget(record)

    def _archives(self, record: SegmentRecord) -> set[str]:
        if not record.messages:
            return set()
        connection = store.open_read_only(segment_path(self.directory, record.id) / STORE)
        found = {name for (name,) in connection.execute("select distinct archive from blob where archive != ''")}
        connection.close()
        return found

    def forget(self, record: SegmentRecord) -> None:
        self.segments.remove(record)
        del self.blobs[record.id]
        if record.messages:
            connection = store.open_read_only(segment_path(self.directory, record.id) / STORE)
            self.message_ids.difference_update(one for (one,) in connection.execute("select message_id from message"))
            connection.close()
