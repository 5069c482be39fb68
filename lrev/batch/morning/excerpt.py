"""The quoted line of a finding in its hunk, a few lines around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrev.types import DiffLine, DiffLineKind, Finding, Patch

# What shows the place at a glance; the drafted reply has more.
LINES_ABOVE = 4
LINES_BELOW = 2


@dataclass(frozen=True, slots=True)
class ExcerptLine:
    """`number` counts in the post-image, or in the message; None for a removed line. `marker` is the diff's."""

    number: int | None
    marker: str
    text: str
    quoted: bool


def excerpt(patch: Patch, finding: Finding) -> tuple[ExcerptLine, ...]:
    """The quote alone where no hunk shows its line; nothing for a finding that quotes nothing."""
    if not finding.path:
        return tuple(_of_message(patch.description.split("\n"), finding.line))
    for diff in patch.files:
        if diff.path != finding.path:
            continue
        for hunk in diff.hunks:
            places = [at for at, line in enumerate(hunk.lines) if _is_at(line, finding.line)]
            if places:
                return tuple(_of_hunk(hunk.lines, places[0]))
    return (ExcerptLine(finding.line, " ", finding.quote, True),) if finding.quote else ()


def _is_at(line: DiffLine, number: int) -> bool:
    return line.new == number and line.kind is not DiffLineKind.REMOVED


def _of_hunk(lines: Sequence[DiffLine], place: int) -> Iterator[ExcerptLine]:
    for at in range(max(0, place - LINES_ABOVE), min(len(lines), place + LINES_BELOW + 1)):
        line = lines[at]
        number = None if line.kind is DiffLineKind.REMOVED else line.new
        yield ExcerptLine(number, line.kind.value, line.text, at == place)


def _of_message(lines: Sequence[str], number: int) -> Iterator[ExcerptLine]:
    for at in range(max(1, number - LINES_ABOVE), min(len(lines), number + LINES_BELOW) + 1):
        yield ExcerptLine(at, " ", lines[at - 1], at == number)
