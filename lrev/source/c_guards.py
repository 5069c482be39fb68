"""Whether a call in a C function always happens: what stands in branches, behind earlier exits and behind tests."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

from lrev.source.c_tree import ParsedC

# `if (p)` and `if (!IS_ERR_OR_NULL(p))`: around what is done to p, they decide nothing that a caller could not know.
_NULL_TEST = re.compile(rb"\(\s*(?:!\s*IS_ERR(?:_OR_NULL)?\s*\(\s*)?(\w+)(?:\s*\))?\s*(?:!=\s*NULL\s*)?\)")
_IS_NULL = re.compile(
    rb"\(\s*(?:unlikely\s*\(\s*|WARN_ON(?:_ONCE)?\s*\(\s*)?"
    rb"(?:!\s*(\w+)|(\w+)\s*==\s*NULL|IS_ERR(?:_OR_NULL)?\s*\(\s*(\w+)\s*\))\s*\)?\s*\)"
)
_ERROR_TEST = re.compile(
    rb"\(\s*(?:i?ret|err|error|rc|retval|status|result|res|rv)\s*(?:(?:<|!=)\s*0\s*)?\)|"
    rb"(?<!!)(?<!! )\b(?:IS_ERR(?:_OR_NULL|_VALUE)?|WARN(?:_ON)?(?:_ONCE)?|unlikely)\s*\("
)
# An exit that says of itself that something failed; a label is known by its name.
_FAILS = re.compile(
    rb"return\s*\(?\s*(?:-\s*\w+|i?ret|err|error|rc|retval|status|result|res|rv|NULL|(?:PTR_ERR|ERR_PTR|ERR_CAST)\s*\(.*)"
    rb"\s*\)?\s*;|goto\s+\w*(?:err|fail|bad|abort|undo|unwind|nomem|inval)\w*\s*;"
)
_ENDS_IN_EXIT = re.compile(rb"\b(?:return|goto)\b[^;{}]*;\s*\}?\s*$")
# What a call is given: `p`, `&p->part`, `p->part`.
_POINTER = re.compile(rb"^&?\s*\(?\s*(\w+)\b(?:\s*\)?\s*->.*)?$")
_GOTO = re.compile(rb"goto\s+(\w+)")
_LABEL = re.compile(rb"\w+")
# The last statement of a block is looked for in this much of its end.
_TAIL_BYTES = 160


class Guard(IntEnum):
    """What may keep a call from happening; a greater one hides those before it."""

    NONE = 0
    FAILURE = 1  # an earlier exit for an error
    LOOP = 2  # a loop, which may be passed by, or left before
    BRANCH = 3  # a branch, or an earlier exit for whatever reason


class _Branch(NamedTuple):
    start: int
    end: int
    condition: bytes  # b"" for an else


class _Test(NamedTuple):
    """Where a test for NULL decides, and how it does for what is done to anything else."""

    start: int
    end: int
    name: bytes
    guard: Guard


class _Regions:
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


class Guards:
    """Of one file; asked for each function in turn."""

    def __init__(self, parsed: ParsedC) -> None:
        self._data = parsed.data
        self._ifs = list(_ifs(parsed))
        self._if_starts = [branch.start for branch in self._ifs]
        self._exits = sorted(node.start_byte for mark in ("return", "goto") for node in parsed.marked(mark))
        self._labels = [node.start_byte for node in parsed.marked("label")]
        self._other = [(node.start_byte, node.end_byte) for node in parsed.marked("branch")]
        loops = [(node.start_byte, node.end_byte) for node in parsed.marked("loop")]
        self._loops = _Regions(loops)
        self._not_straight = _Regions([*self._other, *loops, *((one.start, one.end) for one in self._ifs)])
        self._always_branches = _Regions(self._other)
        self._failing = _Regions((one.start, one.end) for one in self._ifs if self._ends_in_exit(one))

    def of(self, start: int, end: int, parameters: Mapping[bytes, bool]) -> FunctionGuards:
        """Of the function between two bytes; `parameters` says of each by name whether it is a pointer."""
        pointers = frozenset(name for name, is_pointer in parameters.items() if is_pointer)
        ifs = self._ifs[bisect_left(self._if_starts, start) : bisect_left(self._if_starts, end)]
        exits = self._exits[bisect_left(self._exits, start) : bisect_left(self._exits, end)]
        labels = self._labels[bisect_left(self._labels, start) : bisect_left(self._labels, end)]
        first = next((at for at in exits if at not in self._not_straight), end)
        # What stands behind the first exit that nothing guards is reached by a label only.
        behind = max(self._data.find(b";", first), first) if first < end else end
        sure, failed = [(behind, end)], list[tuple[int, int]]()
        tests: list[_Test] = []
        for at, until, condition in self._after(exits, ifs, labels, end):
            null = _IS_NULL.fullmatch(condition)
            tested = next((name for name in null.groups() if name in pointers), b"") if null else b""
            if tested:
                tests.append(_Test(at, until, tested, Guard.FAILURE))
            elif _FAILS.match(self._data, at) or _ERROR_TEST.search(condition):
                failed.append((at, until))
            else:
                sure.append((at, until))
        for one in ifs:
            found = _NULL_TEST.fullmatch(one.condition)
            if found and parameters.get(found[1], True):
                tests.append(_Test(one.start, one.end, found[1], Guard.BRANCH))
            else:
                sure.append((one.start, one.end))
        return FunctionGuards(self, _Regions(sure), _Regions(failed), tests, min([behind, *labels[:1]]))

    def is_branch(self, at: int) -> bool:
        """Whether the byte is within a switch, behind && or ||, or in a ?:."""
        return at in self._always_branches

    def is_loop(self, at: int) -> bool:
        return at in self._loops

    def is_failing(self, at: int) -> bool:
        """Whether the byte is in a branch that ends in an exit."""
        return at in self._failing

    def _ends_in_exit(self, one: _Branch) -> bool:
        return _ENDS_IN_EXIT.search(self._data, max(one.start, one.end - _TAIL_BYTES), one.end) is not None

    def _after(
        self, exits: list[int], ifs: list[_Branch], labels: list[int], end: int
    ) -> Iterator[tuple[int, int, bytes]]:
        """From each exit in a branch to the end of its function, or to its label, with what is asked before it.

        Not for one that goes back.
        """
        names = {found[0]: at for at in labels if (found := _LABEL.match(self._data, at))}
        around: list[_Branch] = []
        following = 0
        for at in exits:
            while following < len(ifs) and ifs[following].start <= at:
                around.append(ifs[following])
                following += 1
            around = [one for one in around if at < one.end]
            if at in self._not_straight:
                goes = _GOTO.match(self._data, at)
                until = names.get(goes[1], end) if goes else end
                if until > at:
                    yield at, until, around[-1].condition if around else b""


class FunctionGuards:
    """Of one function."""

    def __init__(self, of_file: Guards, sure: _Regions, failed: _Regions, tests: list[_Test], cleanup: int) -> None:
        self._of_file = of_file
        self._sure = sure
        self._failed = failed
        self._tests = tests
        self._cleanup = cleanup

    def guard(self, at: int, arguments: tuple[bytes, ...]) -> Guard:
        """Of the call that begins at this byte."""
        if at in self._sure or self._of_file.is_branch(at):
            return Guard.BRANCH
        tested = self._tested(at, arguments)
        if tested is Guard.BRANCH:
            return tested
        if self._of_file.is_loop(at):
            return Guard.LOOP
        return Guard.FAILURE if at in self._failed else tested

    def is_cleanup(self, at: int) -> bool:
        """Whether the call stands where an error or a label leads."""
        return at >= self._cleanup or self._of_file.is_failing(at)

    def _tested(self, at: int, arguments: tuple[bytes, ...]) -> Guard:
        """By tests for NULL of something else than what the call is given."""
        around = [one for one in self._tests if one.start <= at < one.end]
        if not around:
            return Guard.NONE
        given = {word for argument in arguments for word in _POINTER.findall(argument)}
        return max((one.guard for one in around if one.name not in given), default=Guard.NONE)


def _ifs(parsed: ParsedC) -> Iterator[_Branch]:
    """In order, outer before inner."""
    found: list[_Branch] = []
    for node in parsed.marked("if"):
        condition = node.child_by_field_name("condition")
        told = parsed.data[condition.start_byte : condition.end_byte] if condition is not None else b""
        for field, text in (("consequence", told), ("alternative", b"")):
            branch = node.child_by_field_name(field)
            if branch is not None:
                found.append(_Branch(branch.start_byte, branch.end_byte, text))
    return iter(sorted(found, key=lambda one: (one.start, -one.end)))
