"""Mail to be indexed: what came to the archives since the last generation, each message once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lrev.errors import LrevError
from lrev.indexing.holdings import Holdings
from lrev.indexing.layout import EpochRecord, Generation, MailRecord
from lrev.indexing.pool import Task
from lrev.source.inbox import continues, epochs, read_epoch


@dataclass(slots=True)
class MailReading:
    """`tasks` yields the mail that is not known yet; when it is through, the other fields say what was found."""

    paths: tuple[Path, ...]
    recorded: tuple[MailRecord, ...]
    known: frozenset[str]
    removed: set[str] = field(default_factory=set)
    records: list[MailRecord] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)  # (archive, why)

    def tasks(self) -> Iterator[Task]:
        positions = {(record.path, epoch.name): epoch.position for record in self.recorded for epoch in record.epochs}
        seen: set[str] = set()
        for path in self.paths:
            try:
                yield from self._archive(path, positions, seen)
            except LrevError as error:
                # One archive that is gone or broken must not keep the others, nor what it gave before, from use.
                self.problems.append((str(path), error.message))
                self.records += [record for record in self.recorded if record.path == str(path)]

    def _archive(self, path: Path, positions: dict[tuple[str, str], str], seen: set[str]) -> Iterator[Task]:
        read: list[EpochRecord] = []
        for epoch in epochs(path):
            for mail in read_epoch(epoch, positions.get((str(path), epoch.name), ""), self.known):
                if mail.removed:
                    self.removed.add(mail.blob)
                elif mail.blob not in self.known and mail.blob not in seen:
                    seen.add(mail.blob)
                    yield Task("", mail.blob, path.name, mail.data)
            read.append(EpochRecord(name=epoch.name, position=epoch.position))
        self.records.append(MailRecord(path=str(path), epochs=tuple(read)))


def mail_reading(paths: tuple[Path, ...], before: Generation | None, held: Holdings) -> MailReading:
    """When an archive was taken out, or purged, the segments with its mail are forgotten and the others read again.

    A mail that came by several lists is stored for the first of them only, so that nothing less would keep it. The same
    where segments with mail were given up, to be made again as one: what the others hold is not parsed again.
    """
    if before is None:
        return MailReading(paths, (), held.known())
    recorded = before.mail
    stale = [Path(record.path) for record in recorded if Path(record.path) not in paths or _is_rewritten(record)]
    if stale or held.gave_up_mail:
        recorded = tuple(record.model_copy(update={"epochs": ()}) for record in recorded)
    for path in stale:
        held.forget_archive(path.name)
    return MailReading(paths, recorded, held.known(), set(before.removed))


def _is_rewritten(record: MailRecord) -> bool:
    """Whether an epoch no longer holds the history that was read: mail may have been purged from it."""
    read = {epoch.name: epoch.position for epoch in record.epochs}
    try:
        return not all(continues(epoch, read.get(epoch.name, "")) for epoch in epochs(Path(record.path)))
    except LrevError:
        return False  # it cannot be read at all, and keeps what it gave
