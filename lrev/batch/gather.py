"""INPUT of `lrev batch add` -> series. What an archive holds beside patches is not parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path

from lrev.batch.query import Query
from lrev.errors import InputError
from lrev.source.git import Repository
from lrev.source.inbox import Epoch, EpochKind, epochs, read_epoch
from lrev.source.mail import parse
from lrev.source.series import read_input, read_once, series_in
from lrev.types import Message, Series

# The first parts of a series whose last ones are new, and the version before of a part that was not sent again.
_BEFORE_SECONDS = 14 * 24 * 3600
# Headers end at the first empty line; a subject may be folded, or encoded, and then nothing is known of it.
_SUBJECT = re.compile(rb"^subject:(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE)
_MAY_BE_A_PATCH = re.compile(rb"\[[^\]]*patch|=\?|\[[^\]]*\d+/\d+", re.IGNORECASE)
_DATE = re.compile(rb"^date:(.*)", re.IGNORECASE | re.MULTILINE)
_DIFF = re.compile(rb"^(?:diff --git |\+\+\+ )", re.MULTILINE)
_REPLY = re.compile(rb"\s*re:", re.IGNORECASE)


def gather(source: str, query: Query | None, repository: Repository | None) -> tuple[Series, ...]:
    """All series of INPUT, or those that the query takes. Raises InputError when there is no patch in it."""
    if query is None:
        return read_input(source, read_once(source), repository)
    path = Path(source)
    if not path.is_dir():
        return tuple(one for one in read_input(source, read_once(source), repository) if query.takes(one))
    return tuple(one for one in series_in(_patches(path, query)) if query.takes(one))


def _patches(path: Path, query: Query) -> Iterator[Message]:
    """Of an archive the mails that may belong to what is asked for; one that cannot be read is left out."""
    after = query.since - _BEFORE_SECONDS if query.since is not None else 0
    found = epochs(path)
    for epoch in found:
        if epoch is not found[-1] and not _reaches(epoch, after):
            continue
        for mail in read_epoch(epoch):
            if not mail.removed and _may_be_a_patch(mail.data, after):
                with suppress(InputError):
                    yield parse(mail.data)


def _reaches(epoch: Epoch, after: int) -> bool:
    """Whether a public-inbox repository, of which a large archive has many, has mail of that time."""
    if not after or epoch.kind not in (EpochKind.V2, EpochKind.V1) or not epoch.position:
        return True
    return Repository.open(epoch.path).commit(epoch.position).date >= after


def _may_be_a_patch(data: bytes, after: int) -> bool:
    """Told from the headers; parsing a mail takes a hundred times as long."""
    head = data[: data.find(b"\n\n")] if b"\n\n" in data else data
    subject = _SUBJECT.search(head)
    if subject is None or _REPLY.match(subject[1]) or (after and _is_before(after, head)):
        return False
    return bool(_MAY_BE_A_PATCH.search(subject[1]) or _DIFF.search(data))


def _is_before(after: int, head: bytes) -> bool:
    found = _DATE.search(head)
    parts = parsedate_tz(found[1].decode("latin-1")) if found is not None else None
    with suppress(ValueError, OverflowError):
        return parts is not None and mktime_tz(parts) < after
    return False
