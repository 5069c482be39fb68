"""Where the lines of a file stand in a later state of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrev.types import Span


@dataclass(frozen=True, slots=True)
class LineMap:
    """Stretches of equal lines: (first line before, first line after, how many), all from 1."""

    stretches: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, before: Sequence[str], after: Sequence[str]) -> LineMap:
        """Lines that both files have once are anchors, as in Bram Cohen's patience diff; what is equal around one
        goes with it. Far faster on large files than difflib, and a line that is not told is only not shown.
        """
        head = _alike(before, after)
        tail = _alike(before[head:][::-1], after[head:][::-1])
        ends = (len(before) - tail, len(after) - tail)
        stretches = [(1, 1, head)] if head else []
        old, new = head, head  # lines that are told so far
        for at, now in (*_anchors(before, after, head, *ends), ends):
            if at < old or now < new:
                continue
            back = _alike(before[old:at][::-1], after[new:now][::-1])
            ahead = _alike(before[at : ends[0]], after[now : ends[1]]) if at < ends[0] else tail
            if back + ahead:
                stretches.append((at - back + 1, now - back + 1, back + ahead))
            old, new = at + ahead, now + ahead
        return cls(tuple(stretches))

    def after(self, line: int) -> int | None:
        """None for a line that is gone."""
        at = bisect_right(self.stretches, line, key=lambda one: one[0]) - 1
        if at < 0:
            return None
        first, now, count = self.stretches[at]
        return now + line - first if line < first + count else None

    def span(self, span: Span) -> Span | None:
        """From the first to the last of its lines that are still there; None when none is."""
        kept = [now for line in range(span.start, span.end + 1) if (now := self.after(line)) is not None]
        return Span(kept[0], kept[-1]) if kept else None


def _anchors(
    before: Sequence[str], after: Sequence[str], start: int, end_before: int, end_after: int
) -> Iterator[tuple[int, int]]:
    """Positions of lines that both middles have once, as many as keep their order, from the first on."""
    olds, news = Counter(before[start:end_before]), Counter(after[start:end_after])
    where = {line: at for at, line in enumerate(after[start:end_after], start) if news[line] == 1}
    pairs = [
        (at, where[line])
        for at, line in enumerate(before[start:end_before], start)
        if olds[line] == 1 and line in where
    ]
    yield from _increasing(pairs)


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs, which come in the order of their first, whose second increases too."""
    tails: list[int] = []  # the least second that a run of each length ends with
    ends: list[int] = []  # position of that pair
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        length = bisect_left(tails, second)
        tails[length : length + 1] = [second]
        ends[length : length + 1] = [at]
        before.append(ends[length - 1] if length else -1)
    run: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """Lines that both begin with."""
    for at, (line, beside) in enumerate(zip(one, other, strict=False)):
        if line != beside:
            return at
    return min(len(one), len(other))
