"""The hunks of one file. The counts of each @@ line say where it ends; unidiff reads what is between."""

from __future__ import annotations

import re
from dataclasses import dataclass

import unidiff

from lrev.errors import InputError
from lrev.types import DiffLine, DiffLineKind, Hunk, Span

# No file has lines of more digits, and Python refuses to read numbers of some thousand.
_RANGES = re.compile(r"^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$")
_NO_NEWLINE = "\\"
_KINDS = {" ": DiffLineKind.CONTEXT, "+": DiffLineKind.ADDED, "-": DiffLineKind.REMOVED}


def read_hunks(path: str, first: int, lines: list[str]) -> tuple[Hunk, ...]:
    """`lines` begin at line `first` of the input and may end in a signature. Raises InputError naming path and line."""
    hunks: list[Hunk] = []
    at = 0
    while at < len(lines):
        ranges = _RANGES.match(lines[at].rstrip("\r"))
        if ranges is None:
            at += 1
            continue
        body, after = _body(path, first, lines, at, ranges)
        hunks.append(_hunk(path, first + at, ranges, body))
        at = after
    return tuple(hunks)


@dataclass(frozen=True, slots=True)
class _Body:
    """The lines of a hunk, and whether each side ends in a newline."""

    lines: list[str]
    old_newline: bool
    new_newline: bool


def _body(path: str, first: int, lines: list[str], at: int, ranges: re.Match[str]) -> tuple[_Body, int]:
    """The lines that the counts ask for, an eaten blank of a context line put back."""
    old_left, new_left = int(ranges[2] or 1), int(ranges[4] or 1)
    start, body, without_newline = at, [" "], ""
    at += 1
    while at < len(lines):
        line = lines[at] if lines[at] not in ("", "\r") else " " + lines[at]
        if line[0] == _NO_NEWLINE:
            without_newline += body[-1][0]
        elif line[0] not in _KINDS or (old_left <= 0 and new_left <= 0):
            break
        else:
            old_left -= line[0] in " -"
            new_left -= line[0] in " +"
            body.append(line)
        at += 1
    if old_left or new_left:
        raise InputError(f"'{path}': the hunk at line {first + start} has other lines than its header counts")
    return _Body(body[1:], not set(without_newline) & set(" -"), not set(without_newline) & set(" +")), at


def _hunk(path: str, line: int, ranges: re.Match[str], body: _Body) -> Hunk:
    head = f"@@ -{ranges[1]},{ranges[2] or 1} +{ranges[3]},{ranges[4] or 1} @@"
    text = "\n".join(["--- a/file", "+++ b/file", head, *body.lines, ""])
    try:
        (parsed,) = unidiff.PatchSet.from_string(text)[0]
    except (unidiff.UnidiffParseError, ValueError, IndexError) as error:
        raise InputError(f"'{path}': the hunk at line {line} cannot be read: {error}") from error
    return Hunk(
        old=_span(int(ranges[1]), int(ranges[2] or 1)),
        new=_span(int(ranges[3]), int(ranges[4] or 1)),
        section=ranges[5].strip(),
        lines=tuple(
            DiffLine(_KINDS[one.line_type], one.value.removesuffix("\n"), one.source_line_no, one.target_line_no)
            for one in parsed
        ),
        old_newline=body.old_newline,
        new_newline=body.new_newline,
    )


def _span(start: int, count: int) -> Span:
    """git names the line before an empty side; the span of an empty side ends before it starts."""
    return Span(start, start + count - 1) if count else Span(start + 1, start)
