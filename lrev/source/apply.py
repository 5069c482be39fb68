"""Applying a diff to a file in memory, as git apply does: at its place or at an offset, never with fuzz."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.errors import InputError
from lrev.types import DiffLineKind, FileDiff, FileStatus, Hunk

_OLD = (DiffLineKind.CONTEXT, DiffLineKind.REMOVED)
_NEW = (DiffLineKind.CONTEXT, DiffLineKind.ADDED)
# A mail's text was decoded; a file that is not UTF-8 was most likely written in Latin-1.
_ENCODINGS = ("utf-8", "latin-1")


class PatchDoesNotApply(InputError):
    """The message names the file and the hunk."""


def apply(data: bytes | None, diff: FileDiff) -> bytes | None:
    """The post-image; None where the file is deleted. Raises PatchDoesNotApply."""
    if diff.binary:
        raise PatchDoesNotApply(f"'{diff.path}' is changed as binary data")
    if data is None and diff.status is not FileStatus.ADDED:
        raise PatchDoesNotApply(f"'{diff.old_path}' does not exist")
    for encoding in _ENCODINGS:
        result = _apply(data or b"", diff, encoding)
        if isinstance(result, bytes):
            return None if diff.status is FileStatus.DELETED else result
    raise PatchDoesNotApply(f"'{diff.path}': hunk {result + 1} at line {diff.hunks[result].old.start} does not match")


@dataclass(slots=True)
class _Cursor:
    """How far the old file was copied, and how far later hunks have moved."""

    line: int = 0
    offset: int = 0


def _apply(data: bytes, diff: FileDiff, encoding: str) -> bytes | int:
    """The post-image, or the position of the hunk that does not match."""
    lines = data.split(b"\n")
    ends_in_newline = lines[-1] == b""
    if ends_in_newline:
        lines.pop()
    crlf = bool(lines) and all(line.endswith(b"\r") for line in lines)
    output: list[bytes] = []
    cursor = _Cursor()
    for position, hunk in enumerate(diff.hunks):
        old, new = _side(hunk, _OLD, encoding, crlf), _side(hunk, _NEW, encoding, crlf)
        place = _find(lines, old, hunk.old.start - 1 + cursor.offset, cursor.line)
        if place is None:
            return position
        output += lines[cursor.line : place]
        output += new
        cursor = _Cursor(place + len(old), place - (hunk.old.start - 1))
    output += lines[cursor.line :]
    at_end = bool(diff.hunks) and cursor.line == len(lines)
    newline = diff.hunks[-1].new_newline if at_end else ends_in_newline or not lines
    return b"\n".join(output) + (b"\n" if newline and output else b"")


def _side(hunk: Hunk, kinds: tuple[DiffLineKind, ...], encoding: str, crlf: bool) -> list[bytes]:
    """One side of a hunk as bytes; a CR that the mail has lost is put back where all of the file has it."""
    texts = (line.text for line in hunk.lines if line.kind in kinds)
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    lines = [text.encode(encoding, errors) for text in texts]
    return [line if not crlf or line.endswith(b"\r") else line + b"\r" for line in lines]


def _find(lines: list[bytes], old: list[bytes], expected: int, floor: int) -> int | None:
    """Where `old` stands, nearest to `expected` and not before `floor`; None when nowhere."""
    if not old:
        return max(floor, min(expected, len(lines)))
    last = len(lines) - len(old)
    span = max(expected - floor, last - expected, 0)
    for distance in range(span + 1):
        for place in dict.fromkeys((expected - distance, expected + distance)):
            if floor <= place <= last and lines[place] == old[0] and lines[place : place + len(old)] == old:
                return place
    return None
