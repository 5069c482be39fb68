"""Archives of mail: public-inbox v2 and v1, mbox, Maildir, a single file.

An archive is a row of epochs, each with a position that says how far it goes: a git commit, or size and time of a
file. Reading from an earlier position gives only what came since. Source: public-inbox-v2-format(5),
public-inbox-v1-format(5), mbox(5).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lrev.errors import InputError
from lrev.source.git import Repository, blob_id
from lrev.source.mail import MAX_MAIL_BYTES
from lrev.source.mbox import split

_EPOCH_NAME = re.compile(r"(\d+)\.git$")
_HEAD = "HEAD"
_V2_MAIL = "m"
_V2_DELETED = "d"
_V1_MAIL = re.compile(r"[0-9a-f]{2}/[0-9a-f]{38}$")


class EpochKind(Enum):
    V2 = "public-inbox v2"
    V1 = "public-inbox v1"
    MBOX = "mbox"
    MAILDIR = "Maildir"


@dataclass(frozen=True, slots=True)
class RawMail:
    """`origin` says where it was found, for messages about it. `removed` mail was deleted from its archive."""

    blob: str
    data: bytes
    origin: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Epoch:
    """`position` is "" for an empty repository."""

    name: str
    path: Path
    kind: EpochKind
    position: str


def read(path: Path) -> Iterator[RawMail]:
    """All mail of an archive, what was removed left out of account."""
    for epoch in epochs(path):
        yield from (mail for mail in read_epoch(epoch) if not mail.removed)


def epochs(path: Path) -> tuple[Epoch, ...]:
    """The parts of an archive in order. Raises InputError when `path` is no archive."""
    if path.is_file():
        return (Epoch(path.name, path, EpochKind.MBOX, _file_position(path)),)
    if not path.is_dir():
        raise InputError(f"no mail at '{path}'")
    numbered = [one for one in (*(path / "git").glob("*.git"), *path.glob("*.git")) if _EPOCH_NAME.match(one.name)]
    if numbered:
        return tuple(_git_epoch(one) for one in sorted(numbered, key=_epoch_number))
    if (path / "cur").is_dir() or (path / "new").is_dir():
        files = _maildir_files(path)
        return (Epoch(path.name, path, EpochKind.MAILDIR, f"{len(files)} {max(files, default=path).name}"),)
    if (path / "HEAD").exists() or (path / ".git").exists():
        return (_git_epoch(path),)
    raise InputError(
        f"'{path}' holds no mail that lrev knows", "give a public-inbox, an mbox, a Maildir or a mail file"
    )


def read_epoch(epoch: Epoch, since: str = "", known: Container[str] = ()) -> Iterator[RawMail]:
    """Mail that came after the position `since`; all of it when that is "" or no longer part of the archive.

    Blobs that are `known` may be left out, where that spares reading them.
    """
    if since == epoch.position or not epoch.position:
        return
    if epoch.kind is EpochKind.V2:
        yield from _read_v2(epoch, since, known)
    elif epoch.kind is EpochKind.V1:
        yield from _read_v1(epoch)
    elif epoch.kind is EpochKind.MAILDIR:
        for name in _maildir_files(epoch.path):
            yield from _read_mbox(name)
    else:
        yield from _read_mbox(epoch.path)


def continues(epoch: Epoch, since: str) -> bool:
    """Whether the epoch still holds the history up to `since`; false after a purge rewrote it."""
    if epoch.kind is not EpochKind.V2 or not since or not epoch.position:
        return True
    repository = Repository.open(epoch.path)
    return repository.exists(since) and repository.is_ancestor(since, epoch.position)


def _git_epoch(path: Path) -> Epoch:
    repository = Repository.open(path)
    if not repository.exists(_HEAD):
        return Epoch(path.name, path, EpochKind.V2, "")
    head = repository.rev_parse(_HEAD)
    top = repository.ls_tree(head)
    kind = EpochKind.V1 if any(_V1_MAIL.match(name) for name in top) else EpochKind.V2
    return Epoch(path.name, path, kind, head)


def _read_v2(epoch: Epoch, since: str, known: Container[str]) -> Iterator[RawMail]:
    """Commits in order: file `m` is a mail, file `d` says that the mail with this blob is deleted."""
    repository = Repository.open(epoch.path)
    after = since if continues(epoch, since) else ""
    added: dict[str, None] = {}
    removed: dict[str, None] = {}
    for change in repository.history(epoch.position, after):
        if change.blob and change.path == _V2_MAIL:
            added[change.blob] = None
            removed.pop(change.blob, None)
        elif change.blob and change.path == _V2_DELETED:
            removed[change.blob] = None
            added.pop(change.blob, None)
    yield from (RawMail(blob, b"", epoch.name, removed=True) for blob in removed)
    for blob, data in repository.cat_batch(blob for blob in added if blob not in known):
        if data is not None:
            yield RawMail(blob, data, f"{epoch.name}:{blob}")


def _read_v1(epoch: Epoch) -> Iterator[RawMail]:
    repository = Repository.open(epoch.path)
    listed = repository.ls_tree(epoch.position)
    blobs = dict.fromkeys(blob for name, blob in listed.items() if _V1_MAIL.match(name))
    for blob, data in repository.cat_batch(blobs):
        if data is not None:
            yield RawMail(blob, data, f"{epoch.name}:{blob}")


def _read_mbox(path: Path) -> Iterator[RawMail]:
    try:
        with path.open("rb") as stream:
            for line, data in split(stream, MAX_MAIL_BYTES + 1):
                yield RawMail(blob_id(data), data, f"{path.name}:{line}")
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror}") from error


def _maildir_files(path: Path) -> list[Path]:
    """Delivered mail of `cur` and `new` by name, which begins with the time of delivery."""
    files = (one for folder in ("cur", "new") for one in (path / folder).glob("*") if one.is_file())
    return sorted(files, key=lambda one: one.name)


def _file_position(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size} {status.st_mtime_ns}"


def _epoch_number(path: Path) -> int:
    found = _EPOCH_NAME.match(path.name)
    return int(found[1]) if found else 0
