"""INPUT of a review -> series: a patch file, an mbox, a Maildir, standard input, a commit or a range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from lrev.errors import GitError, InputError
from lrev.source.git import Repository
from lrev.source.inbox import read
from lrev.source.mail import MAX_MAIL_BYTES, is_reply, parse
from lrev.source.mail_text import decode_bytes
from lrev.source.mbox import split
from lrev.source.patch import bare_subject, is_patch_subject, numbering, parse_diff, parse_patch, without_diff
from lrev.types import Address, Message, Patch, Series

_HEADER = re.compile(rb"^(?:From |[A-Za-z][A-Za-z0-9-]*: )")
_COVER_PART = 0
_NAMED_PARTS = 8  # more missing parts are counted


def read_input(source: str, data: bytes | None, repository: Repository | None) -> tuple[Series, ...]:
    """`data` is what standard input gave when `source` is `-`. Raises InputError when there is no patch in it."""
    path = Path(source)
    if source == "-":
        series = _from_bytes(data or b"", "standard input")
    elif path.is_dir():
        series = _from_messages(parse(mail.data) for mail in read(path))
    elif path.is_file():
        series = _from_bytes(path.read_bytes(), f"'{source}'")
    elif repository is not None:
        return (_from_commits(repository, source),)
    else:
        raise InputError(f"no file '{source}'", "for a commit or a range, name its git tree with --tree")
    if not series:
        raise InputError(f"no patch in {'standard input' if source == '-' else repr(source)}")
    return series


def _from_bytes(data: bytes, name: str) -> tuple[Series, ...]:
    """Mail if it begins as mail does, else a bare diff."""
    if not data.strip():
        raise InputError(f"{name} is empty")
    if _HEADER.match(data.lstrip()):
        return _from_messages(parse(one) for _, one in split(BytesIO(data), MAX_MAIL_BYTES + 1))
    text = decode_bytes(data)
    files = parse_diff(text)
    if not files:
        return ()
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    subject = "" if first.startswith(("diff ", "---")) else first
    return (Series((Patch(subject or files[0].path, Address("", ""), "", files),)),)


def _from_messages(messages: Iterable[Message]) -> tuple[Series, ...]:
    """Series by thread and sender, each in its newest version; replies and other mail play no part."""
    covers: dict[str, Message] = {}
    groups: dict[tuple[str, str], list[Patch]] = {}
    broken: list[InputError] = []
    for message in messages:
        part, total, _ = numbering(message.subject)
        if part == _COVER_PART:
            covers[message.message_id] = message
            continue
        try:
            patch = None if is_reply(message) else parse_patch(message)
        except InputError as error:
            broken.append(error)
            continue
        if patch is None and not is_reply(message) and is_patch_subject(message.subject):
            patch = without_diff(message)
        if patch is not None:
            groups.setdefault((_root(message, total), message.sender.address.lower()), []).append(patch)
    if broken and not groups:
        raise broken[0]
    found = list(_newest(_series(patches, covers) for patches in groups.values()))
    if broken:
        found[0] = replace(found[0], notes=(*found[0].notes, *(error.message for error in broken)))
    return tuple(found)


def _root(message: Message, total: int) -> str:
    """Patches of one series answer the same mail: the cover letter or the first patch."""
    if total == 1:
        return message.message_id
    return message.references[0] if message.references else message.in_reply_to or message.message_id


def _series(patches: Sequence[Patch], covers: Mapping[str, Message]) -> Series:
    newest = max(patch.version for patch in patches)
    by_part: dict[int, Patch] = {}
    for patch in patches:  # a resend replaces what it resends
        if patch.version == newest:
            by_part[patch.part] = patch
    answered = (patch.message.in_reply_to for patch in by_part.values() if patch.message)
    cover = next((covers[name] for name in answered if name in covers), None)
    total = max(patch.total for patch in by_part.values())
    missing = [str(part) for part in range(1, total + 1) if part not in by_part]
    lacks = f"part {', '.join(missing)}" if len(missing) <= _NAMED_PARTS else f"{len(missing)} parts"
    notes = (f"the series lacks {lacks} of {total}",) if missing else ()
    return Series(tuple(by_part[part] for part in sorted(by_part)), cover, notes)


def _newest(found: Iterable[Series]) -> Iterator[Series]:
    """Of series that differ only in their version, the highest; the note says which were left."""
    by_subject: dict[str, list[Series]] = {}
    for series in found:
        subject = bare_subject(series.cover.subject) if series.cover else series.patches[0].subject
        by_subject.setdefault(subject, []).append(series)
    for same in by_subject.values():
        best = max(reversed(same), key=lambda series: series.patches[0].version)  # of resends the last
        older = sorted({series.patches[0].version for series in same} - {best.patches[0].version})
        left = tuple(f"version {version} of '{best.patches[0].subject}' was left out" for version in older)
        yield replace(best, notes=(*best.notes, *left))


def _from_commits(repository: Repository, range_text: str) -> Series:
    commits = repository.commits(range_text)
    if not commits:
        raise GitError(f"no commit in '{range_text}'", "A..B means what B has and A has not")
    total = len(commits)
    return Series(tuple(_from_commit(repository, one, part, total) for part, one in enumerate(commits, 1)))


def _from_commit(repository: Repository, commit: str, part: int, total: int) -> Patch:
    text = repository.commit(commit)
    files = parse_diff(repository.diff(commit))
    return Patch(text.subject, text.author, text.body, files, commit=commit, part=part, total=total)
