"""INPUT of a review -> series: a patch file, an mbox, a directory of either, standard input, a commit or a range."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from lrev.errors import GitError, InputError
from lrev.source.git import Repository
from lrev.source.git_log import is_git_log, logged_patches
from lrev.source.inbox import read
from lrev.source.mail import MAX_MAIL_BYTES, is_reply, parse
from lrev.source.mail_text import decode_bytes
from lrev.source.mbox import split
from lrev.source.patch import COVER_PART, is_patch_subject, numbering, parse_diff, parse_patch, without_diff
from lrev.source.versions import Threads, newest, series_of
from lrev.types import Address, Message, Patch, Series

# `Index: ` begins what quilt and svn write above a bare diff.
_HEADER = re.compile(rb"^(?:From |(?!Index: )[A-Za-z][A-Za-z0-9-]*: )")
# What `git format-patch`, mailers and people call the files of a series; read in the order of their names.
_PATCH_SUFFIXES = {".patch", ".diff", ".eml", ".mbox", ".mbx"}


def read_input(source: str, data: bytes | None, repository: Repository | None) -> tuple[Series, ...]:
    """`data` is what `read_once` gave for this source. Raises InputError when there is no patch in it."""
    path = Path(source)
    name = "standard input" if source == "-" else f"'{source}'"
    if data is not None:
        series = _from_bytes(data, name)
    elif path.is_dir():
        series = _from_directory(path)
    elif path.is_file():
        series = _from_bytes(path.read_bytes(), name)
    elif repository is not None:
        return (_from_commits(repository, source),)
    else:
        raise InputError(f"no file '{source}'", "for a commit or a range, name its git tree with --tree")
    if not series:
        raise InputError(f"no patch in {name}", _missing_patch_hint(path))
    return series


def read_once(source: str) -> bytes | None:
    """What a source gives that can be read but once: standard input, a pipe such as `<(git show)`; None for others."""
    if source == "-":
        return sys.stdin.buffer.read()
    path = Path(source)
    return path.read_bytes() if path.is_fifo() else None


def _missing_patch_hint(path: Path) -> str:
    return f"files of patches end in {', '.join(sorted(_PATCH_SUFFIXES))}" if path.is_dir() else ""


def _from_directory(path: Path) -> tuple[Series, ...]:
    """An archive of mail, or patches as files: what `git format-patch` leaves in a directory."""
    files = sorted(one for one in path.iterdir() if one.suffix in _PATCH_SUFFIXES and one.is_file())
    if not files:
        return series_in(parse(mail.data) for mail in read(path))
    given = [(one, one.read_bytes()) for one in files]
    mails = series_in(message for _, data in given if _is_mail(data) for message in _messages(data))
    bare = (_from_bytes(data, f"'{one}'") for one, data in given if data.strip() and not _is_mail(data))
    return (*mails, *(series for found in bare for series in found))


def _from_bytes(data: bytes, name: str) -> tuple[Series, ...]:
    """Mail if it begins as mail does, else what git prints of commits, else a bare diff."""
    if not data.strip():
        raise InputError(f"{name} is empty")
    if _is_mail(data):
        return series_in(_messages(data))
    text = decode_bytes(data)
    if is_git_log(text):
        patches = logged_patches(text)
        return (Series(patches),) if patches else ()
    files = parse_diff(text)
    if not files:
        return ()
    first = next((line.strip() for line in text.split("\n") if line.strip()), "")
    subject = "" if first.startswith(("diff ", "---")) else first
    return (Series((Patch(subject or files[0].path, Address("", ""), "", files),)),)


def _is_mail(data: bytes) -> bool:
    return _HEADER.match(data.lstrip()) is not None


def _messages(data: bytes) -> Iterator[Message]:
    return (parse(one) for _, one in split(BytesIO(data.lstrip()), MAX_MAIL_BYTES + 1))


def series_in(messages: Iterable[Message]) -> tuple[Series, ...]:
    """Series by thread and sender, each in its newest version; replies and other mail play no part."""
    threads = Threads()
    broken: list[InputError] = []
    for message in messages:
        if is_reply(message):
            continue
        if numbering(message.subject)[0] == COVER_PART:
            threads.of(message).covers.append(message)
            continue
        try:
            patch = parse_patch(message)
        except InputError as error:
            broken.append(error)
            continue
        if patch is None and is_patch_subject(message.subject):
            patch = without_diff(message)
        if patch is not None:
            threads.of(message).patches.append(patch)
    found = list(newest(map(series_of, threads.with_patches())))
    if broken and not found:
        raise broken[0]
    if broken:
        found[0] = replace(found[0], notes=(*found[0].notes, *(error.message for error in broken)))
    return tuple(found)


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
