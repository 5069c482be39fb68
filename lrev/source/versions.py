"""Patches of one thread -> a series in its newest version; series that are versions of one another -> the newest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from lrev.source.patch import COVER_PART, bare_subject, numbering
from lrev.types import Message, Patch, Series

_NAMED_PARTS = 8  # more parts than these are counted


@dataclass(slots=True)
class Thread:
    """What one person sent into one thread, in the order of the archive."""

    patches: list[Patch] = field(default_factory=list)
    covers: list[Message] = field(default_factory=list)


class Threads:
    """Threads by the mail that each answers and its sender."""

    def __init__(self) -> None:
        self._threads: dict[tuple[str, str], Thread] = {}
        self._unlinked: dict[tuple[str, int, int], tuple[str, set[int]]] = {}

    def of(self, message: Message) -> Thread:
        return self._threads.setdefault((self._root(message), message.sender.address.lower()), Thread())

    def with_patches(self) -> list[Thread]:
        return [thread for thread in self._threads.values() if thread.patches]

    def _root(self, message: Message) -> str:
        """Patches of one series answer the same mail: the cover letter or the first patch."""
        part, total, version = numbering(message.subject)
        if total == 1 and part != COVER_PART:
            return message.message_id
        if message.references or message.in_reply_to:
            return message.references[0] if message.references else message.in_reply_to
        return self._root_of_unlinked(message, (message.sender.address.lower(), total, version), part)

    def _root_of_unlinked(self, message: Message, numbered: tuple[str, int, int], part: int) -> str:
        """`git format-patch` without --thread: the numbers alone hold a series together, until one comes again."""
        root, parts = self._unlinked.get(numbered, (message.message_id, set()))
        if part in parts:
            root, parts = message.message_id, set()
        self._unlinked[numbered] = (root, parts | {part})
        return root


def series_of(thread: Thread) -> Series:
    """Of each part the newest; a part that the newest version did not send again stays as it was, and a note says so.

    Answering with only those parts that changed is what Documentation/process/submitting-patches.rst leaves to the
    sender, and what many do.
    """
    patches = thread.patches
    newest = max(patch.version for patch in patches)
    total = max(patch.total for patch in patches if patch.version == newest)
    by_part: dict[int, Patch] = {}
    for patch in sorted(patches, key=lambda one: one.version):  # of equals the last: a resend
        # Parts of a version that was cut otherwise are no parts of this one.
        if patch.version == newest or patch.total == total:
            by_part[patch.part] = patch
    kept = tuple(by_part[part] for part in sorted(by_part))
    cover = max(reversed(thread.covers), key=lambda one: numbering(one.subject)[2], default=None)
    missing = [part for part in range(1, total + 1) if part not in by_part]
    older = [patch.part for patch in kept if patch.version < newest]
    notes = []
    if missing:
        notes.append(f"the series lacks {_parts(missing)} of {total}")
    if older:
        notes.append(f"version {newest} did not send {_parts(older)} of {total} again: read as sent before")
    return Series(kept, cover, tuple(notes))


def newest(found: Iterable[Series]) -> Iterator[Series]:
    """Of series that differ only in their version, the highest; the note says which were left.

    Versions of one another have the same sender and subject, and a file or a thread in common: `fix a typo` twice from
    one person to two drivers are two patches.
    """
    groups: list[list[Series]] = []
    known: dict[tuple[str, str, str], list[Series]] = {}
    for series in found:
        name = _name(series)
        marks = [(*name, mark) for mark in _marks(series)]
        group = next((known[mark] for mark in marks if mark in known), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(series)
        known.update(dict.fromkeys(marks, group))
    for group in groups:
        best = max(reversed(group), key=_version)  # of resends the last
        older = sorted({_version(series) for series in group} - {_version(best)})
        left = tuple(f"version {version} of '{best.patches[0].subject}' was left out" for version in older)
        yield replace(best, notes=(*best.notes, *left))


def _parts(parts: Sequence[int]) -> str:
    return f"part {', '.join(map(str, parts))}" if len(parts) <= _NAMED_PARTS else f"{len(parts)} parts"


def _name(series: Series) -> tuple[str, str]:
    first = series.patches[0]
    message = series.cover or first.message
    sender = message.sender.address if message else first.author.address
    return bare_subject(series.cover.subject) if series.cover else first.subject, sender.lower()


def _version(series: Series) -> int:
    return max(patch.version for patch in series.patches)


def _marks(series: Series) -> Iterator[str]:
    """What it has in common with its other versions: files, mails of the thread. One whose diff was lost has a mark
    that only others like it have, and those of its thread."""
    yield from (f"file {diff.path}" for patch in series.patches for diff in patch.files)
    if not any(patch.files for patch in series.patches):
        yield "no file"
    messages = [patch.message for patch in series.patches if patch.message]
    names = dict.fromkeys(name for one in messages for name in (one.message_id, one.in_reply_to, *one.references))
    yield from (f"mail {name}" for name in names if name)
