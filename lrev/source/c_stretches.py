"""Stretches of a C file that a condition, an earlier exit or an error may lead into or around."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lrev.source.c_tree import ParsedC

# `if (p)` and `if (!IS_ERR_OR_NULL(p))` before a call decide nothing that a caller could not know.
_NULL_TEST = re.compile(
    rb"\(\s*!?\s*(?:(?:un)?likely\s*\(\s*!?\s*)?(?:IS_ERR(?:_OR_NULL)?\s*\(\s*)?\w+[\s)]*(?:[!=]=\s*NULL\s*)?\)"
)
_ENDS_IN_EXIT = re.compile(rb"\b(?:return|goto)\b[^;{}]*;\s*\}?\s*$")
# The last statement of a block is looked for in this much of its end.
_TAIL_BYTES = 160


class Regions:
    """A union of byte ranges."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(ranges):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, at: int) -> bool:
        before = bisect_right(self._starts, at) - 1
        return before >= 0 and at < self._ends[before]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)


@dataclass(frozen=True, slots=True)
class Stretches:
    """`guarded`: a condition, or a return that is always taken, may keep it from happening; `late`: so may any return
    or goto before it, but for those of a NULL test; `cleanup`: where an error or a label leads."""

    guarded: Regions
    late: Regions
    cleanup: Regions


def stretches(parsed: ParsedC) -> Stretches:
    """Of all functions of the file."""
    branches, failures, tests = _branches(parsed)
    exits = sorted(node.start_byte for mark in ("return", "goto") for node in parsed.marked(mark))
    after_exit = list(_after_exits(parsed, exits, [*branches, *tests]))
    return Stretches(
        Regions([*branches, *after_exit]),
        Regions(_after_exits(parsed, exits, tests)),
        Regions([*failures, *after_exit, *_behind_labels(parsed)]),
    )


_Ranges = list[tuple[int, int]]


def _branches(parsed: ParsedC) -> tuple[_Ranges, _Ranges, _Ranges]:
    """What may be left out, of it what ends the function or leaves for a label, and what a NULL test guards."""
    branches = [(node.start_byte, node.end_byte) for node in parsed.marked("branch")]
    failures: _Ranges = []
    tests: _Ranges = []
    for node in parsed.marked("if"):
        condition = node.child_by_field_name("condition")
        is_test = condition is not None and _NULL_TEST.fullmatch(parsed.data, condition.start_byte, condition.end_byte)
        for field in ("consequence", "alternative"):
            branch = node.child_by_field_name(field)
            if branch is None:
                continue
            span = (branch.start_byte, branch.end_byte)
            tail = parsed.data[max(span[0], span[1] - _TAIL_BYTES) : span[1]]
            if _ENDS_IN_EXIT.search(tail):
                failures.append(span)
            if not is_test or field == "alternative":
                branches.append(span)
            else:
                tests.append(span)
    return branches, failures, tests


def _after_exits(parsed: ParsedC, exits: list[int], branches: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In each function, what stands behind the first return or goto that nothing guards."""
    within = Regions(branches)
    for node in parsed.functions:
        for start in exits[bisect_left(exits, node.start_byte) : bisect_left(exits, node.end_byte)]:
            if start not in within:
                end = parsed.data.find(b";", start)
                yield max(end, start), node.end_byte
                break


def _behind_labels(parsed: ParsedC) -> Iterator[tuple[int, int]]:
    """From the first label of each function to its end."""
    labels = [node.start_byte for node in parsed.marked("label")]
    for node in parsed.functions:
        at = bisect_left(labels, node.start_byte)
        if at < len(labels) and labels[at] < node.end_byte:
            yield labels[at], node.end_byte
