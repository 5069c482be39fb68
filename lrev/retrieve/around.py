"""Passages of the changed file itself: the functions that change, and the lines near to the change."""

from __future__ import annotations

from collections.abc import Iterator

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.subject import Subject
from lrev.types import FunctionSource

# A function of more lines is shown in parts: around its changes first.
_WHOLE_LINES = 40
_PART_LINES = 16
_NEARBY_LINES = 12
_NEARBY_STRETCHES = 40


def candidates(subject: Subject) -> Iterator[Candidate]:
    for function in subject.functions:
        if set(range(function.span.start, function.span.end + 1)) <= subject.added:
            continue  # the patch brings it whole
        yield from _function(subject, function)
    yield from _nearby(subject)


def _function(subject: Subject, function: FunctionSource) -> Iterator[Candidate]:
    title, start, end = f"{function.name}()", function.span.start, function.span.end
    reason = "the function that changes"
    if end - start < _WHOLE_LINES:
        source = f"{subject.path}:{start}-{end}"
        yield Candidate(Origin.FUNCTION, source, title, function.text, reason)
        return
    parts = [(first, min(first + _PART_LINES - 1, end)) for first in range(start, end + 1, _PART_LINES)]
    for first, last in sorted(parts, key=lambda part: _distance(subject, *part)):
        source = f"{subject.path}:{first}-{last}"
        yield Candidate(Origin.FUNCTION, source, title, subject.stretch(first, last), reason)


def _nearby(subject: Subject) -> Iterator[Candidate]:
    """Stretches of the rest of the file, the nearest first."""
    shown = {line for one in subject.functions for line in range(one.span.start, one.span.end + 1)}
    stretches = []
    for first in range(1, len(subject.text) + 1, _NEARBY_LINES):
        last = min(first + _NEARBY_LINES - 1, len(subject.text))
        free = [line for line in range(first, last + 1) if line not in shown and line not in subject.added]
        if free:
            stretches.append((_distance(subject, free[0], free[-1]), free[0], free[-1]))
    for distance, first, last in sorted(stretches)[:_NEARBY_STRETCHES]:
        source, text = f"{subject.path}:{first}-{last}", subject.stretch(first, last)
        yield Candidate(Origin.NEARBY, source, "", text, f"{distance} lines from the change")


def _distance(subject: Subject, first: int, last: int) -> int:
    return min((max(first - line, line - last, 0) for line in subject.lines), default=first)
