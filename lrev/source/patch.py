"""Diffs and patch mails: text -> FileDiff, mail -> Patch.

unidiff reads the hunks. Before it stands our own splitting, because patch mail is not a clean diff: it has a message
above, a signature below, git's extended headers, quoted paths, and context lines whose one blank a mailer has eaten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lrev.errors import InputError
from lrev.source.extended import Header, read_header
from lrev.source.hunks import read_hunks
from lrev.source.mail_text import tidy
from lrev.types import Address, FileDiff, FileStatus, Message, Patch

_DIFF_START = re.compile(r"^(?:diff --git |--- .*\n\+\+\+ )", re.MULTILINE)
_SUBJECT_PREFIX = re.compile(r"^\s*(?:re:\s*)?((?:\[[^\]]*\]\s*)+)", re.IGNORECASE)
_PART = re.compile(r"\b(\d{1,4})\s*/\s*(\d{1,4})\b")
_VERSION = re.compile(r"\bv(\d{1,3})\b", re.IGNORECASE)
_BASE_COMMIT = re.compile(r"^base-commit:\s*([0-9a-f]{12,40})\s*$", re.MULTILINE)
_FROM = re.compile(r"^From:\s*(.*?)\s*<([^<>]+@[^<>]+)>\s*$")
_CUT = re.compile(r"^---\s*$", re.MULTILINE)
_CHANGED = frozenset("+-@")
# The part number of a cover letter.
COVER_PART = 0


@dataclass(frozen=True, slots=True)
class FileOutline:
    """A file of a diff with its changed lines and the @@ lines between them, as they stand there."""

    path: str
    lines: tuple[str, ...]


def parse_diff(text: str) -> tuple[FileDiff, ...]:
    """Every file of a unified diff, whatever stands around it. Raises InputError naming file and line."""
    return tuple(_file(header, body) for header, body in _files(_lines(text)))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if _is_crlf_mail(text) else text.split("\n")


def _is_crlf_mail(text: str) -> bool:
    """Headers that end in CR mean the mail was sent with CRLF; else a CR belongs to the patched file."""
    return bool(re.search(r"^(?:diff --git|\+\+\+ ).*\r$", text, re.MULTILINE))


def _files(lines: list[str]) -> Iterator[tuple[Header, tuple[int, list[str]]]]:
    at = 0
    while at < len(lines):
        header, after = read_header(lines, at)
        if header is None:
            at += 1
            continue
        hunks_at = after
        while after < len(lines) and not _starts_file(lines, after):
            after += 1
        yield header, (hunks_at, lines[hunks_at:after])
        at = after


def _starts_file(lines: list[str], at: int) -> bool:
    if lines[at].startswith("diff --git "):
        return True
    return lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def outlines(message: Message) -> Iterator[FileOutline]:
    """The files of a patch mail in order; nothing for mail without a diff. Raises InputError for a path that leads
    outside; hunks may be broken."""
    for text in _diffs(message):
        for header, (_, lines) in _files(_lines(text)):
            yield FileOutline(header.path, tuple(line for line in _above_rule(lines) if line[:1] in _CHANGED))


def _above_rule(lines: list[str]) -> list[str]:
    """A signature or a rule of dashes ends a diff."""
    end = next((at for at, line in enumerate(lines) if line[:2] == "--" and not line.strip(" -")), len(lines))
    return lines[:end]


def _file(header: Header, body: tuple[int, list[str]]) -> FileDiff:
    first, lines = body
    hunks = () if header.binary else read_hunks(header.path, first + 1, lines)
    return FileDiff(
        old_path=header.old_path,
        new_path=header.new_path,
        status=header.status if hunks or header.status is not FileStatus.MODIFIED else _without_hunks(header),
        old_blob=header.old_blob,
        new_blob=header.new_blob,
        binary=header.binary,
        hunks=hunks,
    )


def _without_hunks(header: Header) -> FileStatus:
    return FileStatus.MODE if header.mode_changed else FileStatus.MODIFIED


def parse_patch(message: Message) -> Patch | None:
    """None for mail without a diff. Raises InputError naming the message when its diff is broken."""
    texts = _diffs(message)
    if not texts:
        return None
    try:
        files = tuple(diff for text in texts for diff in parse_diff(text))
    except InputError as error:
        raise InputError(f"message <{message.message_id}>: {error.message}", error.hint) from error
    if not files:
        return None
    return replace(without_diff(message), files=files)


def is_patch_subject(subject: str) -> bool:
    """Whether a bracketed prefix calls the mail a patch."""
    prefix = _SUBJECT_PREFIX.match(subject)
    return prefix is not None and "patch" in prefix[1].lower()


def without_diff(message: Message) -> Patch:
    """The mail as a patch that changes nothing, its diff lost or left out."""
    author, description = _described(message)
    part, total, version = numbering(message.subject)
    base = _BASE_COMMIT.search("\n".join((message.body, *message.attachments)))
    return Patch(
        subject=bare_subject(message.subject),
        author=author or message.sender,
        description=description,
        files=(),
        message=message,
        part=part,
        total=total,
        version=version,
        base_commit=base[1] if base else "",
    )


def bare_subject(subject: str) -> str:
    """Without `Re:` and the bracketed prefixes."""
    return " ".join(_SUBJECT_PREFIX.sub("", subject).split())


def numbering(subject: str) -> tuple[int, int, int]:
    """Part, total and version of a subject such as `[RFC PATCH net-next v3 02/11] ...`; 1, 1, 1 where it is silent."""
    prefix = _SUBJECT_PREFIX.match(subject)
    inside = prefix[1] if prefix else ""
    part, version = _PART.search(inside), _VERSION.search(inside)
    return (*((int(part[1]), int(part[2])) if part else (1, 1)), int(version[1]) if version else 1)


def _diffs(message: Message) -> list[str]:
    return [text for text in (message.body, *message.attachments) if _DIFF_START.search(text)]


def _described(message: Message) -> tuple[Address | None, str]:
    """The author that a `From:` line at the top names, and the commit message without it, diff, diffstat and notes."""
    text = message.body.replace("\r\n", "\n")
    start = _DIFF_START.search(text)
    above = (text[: start.start()] if start else text).lstrip("\n")
    cut = _CUT.search(above)
    above = above[: cut.start()] if cut else above
    first, _, rest = above.partition("\n")
    found = _FROM.match(first)
    if found is None:
        return None, above.strip("\n")
    return Address(tidy(found[1].strip('" ')), found[2]), rest.strip("\n")
