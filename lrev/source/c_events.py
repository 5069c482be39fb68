"""What happens in a C function, call by call: arguments, what becomes of the result, and whether it always happens."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from lrev.source.c_tree import ParsedC, function_declarator, function_name_node

_NAME = re.compile(rb"[A-Za-z_]\w*")
_PARAMETER_NAME = re.compile(rb"\(\s*\*+\s*(?:const\s+)?(\w+)|(\w+)\s*(?:\[[^\]]*\]\s*)*$")
# `if (p)` and `if (!IS_ERR_OR_NULL(p))` before a call decide nothing that a caller could not know.
_NULL_TEST = re.compile(rb"\(\s*(?:!\s*IS_ERR(?:_OR_NULL)?\s*\(\s*)?\w+(?:\s*\))?\s*(?:!=\s*NULL\s*)?\)")
_ENDS_IN_EXIT = re.compile(rb"\b(?:return|goto)\b[^;{}]*;\s*\}?\s*$")
# The last statement of a block is looked for in this much of its end.
_TAIL_BYTES = 160
_RETURNED_NAME = re.compile(rb"return\s*\(?\s*(\w+)\s*\)?\s*;")


class CallEvent(NamedTuple):
    """`result` is what it is assigned to, b"" for nothing; `statement`: the result is thrown away; `returned`: it is
    what the function returns; `guarded`: a condition or an earlier return may keep it from happening; `cleanup`: it
    stands where an error or a label leads; `member`: the callee is the field of that name."""

    callee: str
    start: int
    line: int
    arguments: tuple[bytes, ...]
    result: bytes
    statement: bool
    returned: bool
    guarded: bool
    cleanup: bool
    member: bool


class FunctionEvents(NamedTuple):
    """`parameters` are names in order, b"" where there is none; `returned` the variables that are returned."""

    name: str
    node: Node
    parameters: tuple[bytes, ...]
    types: tuple[bytes, ...]
    returned: frozenset[bytes]
    body: bytes
    calls: tuple[CallEvent, ...]


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

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return zip(self._starts, self._ends, strict=True)


def events(parsed: ParsedC) -> tuple[FunctionEvents, ...]:
    """Of every function of the file, in order."""
    if not parsed.functions:
        return ()
    branches, failures = _branches(parsed)
    exits = [node.start_byte for mark in ("return", "goto") for node in parsed.marked(mark)]
    after_exit = list(_after_exits(parsed, sorted(exits), branches))
    guarded = _Regions([*branches, *after_exit])
    cleanup = _Regions([*failures, *after_exit, *_behind_labels(parsed)])
    return tuple(_Reading(parsed, guarded, cleanup).functions())


class _Reading:
    """The nodes of one file, by where they begin."""

    def __init__(self, parsed: ParsedC, guarded: _Regions, cleanup: _Regions) -> None:
        self._parsed = parsed
        self._guarded = guarded
        self._cleanup = cleanup
        self._statements = {node.start_byte for node in parsed.marked("called")}
        self._results = dict(_results(parsed))
        self._direct = {_behind_return(node) for node in parsed.marked("return")}

    def functions(self) -> Iterator[FunctionEvents]:
        calls = sorted(self._calls(), key=lambda call: call.start)
        starts = [call.start for call in calls]
        returns = self._parsed.marked("return")
        return_starts = [node.start_byte for node in returns]
        for node in self._parsed.functions:
            name, declarator = function_name_node(node), function_declarator(node)
            assert name is not None
            first, last = bisect_left(starts, node.start_byte), bisect_left(starts, node.end_byte)
            at, end = bisect_left(return_starts, node.start_byte), bisect_left(return_starts, node.end_byte)
            told = (_RETURNED_NAME.match(self._parsed.data, one.start_byte) for one in returns[at:end])
            pieces = _pieces(self._parsed, declarator)
            yield FunctionEvents(
                self._parsed.text(name),
                node,
                tuple(map(parameter_name, pieces)),
                pieces,
                frozenset(found[1] for found in told if found),
                _body(self._parsed, node),
                tuple(calls[first:last]),
            )

    def _calls(self) -> Iterator[CallEvent]:
        data, line = self._parsed.data, self._parsed.line
        for mark, member in (("call", False), ("member_call", True)):
            for node in self._parsed.marked(mark):
                named = node.child_by_field_name("function")
                if named is not None and member:
                    named = named.child_by_field_name("field")
                listed = node.child_by_field_name("arguments")
                if named is None or listed is None:
                    continue
                # From the file and not from the tree, which has another spelling of it.
                callee = data[named.start_byte : named.end_byte].decode("latin-1")
                yield self._event(callee, node.start_byte, data[listed.start_byte + 1 : listed.end_byte - 1], member)
        for start in self._parsed.iterators:
            name = _NAME.match(data, start)
            if name is not None:
                guarded = start in self._guarded
                yield CallEvent(name[0].decode(), start, line(start), (), b"", False, False, guarded, False, False)

    def _event(self, callee: str, start: int, arguments: bytes, member: bool) -> CallEvent:
        return CallEvent(
            callee,
            start,
            self._parsed.line(start),
            split_arguments(arguments),
            self._results.get(start, b""),
            start in self._statements,
            start in self._direct,
            start in self._guarded,
            start in self._cleanup,
            member,
        )


def split_arguments(text: bytes) -> tuple[bytes, ...]:
    """At the commas outside of brackets and strings, stripped."""
    if not text.strip():
        return ()
    if b"(" not in text and b'"' not in text and b"{" not in text and b"'" not in text and b"[" not in text:
        return tuple(piece.strip() for piece in text.split(b","))
    pieces: list[bytes] = []
    depth = start = 0
    for found in _BORDER.finditer(text):
        mark = found[0]
        if mark in b"([{":
            depth += 1
        elif mark in b")]}":
            depth -= 1
        elif mark == b"," and not depth:
            pieces.append(text[start : found.start()].strip())
            start = found.end()
    pieces.append(text[start:].strip())
    return tuple(pieces)


_BORDER = re.compile(rb'[(\[{)\]},]|"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)


def parameter_name(piece: bytes) -> bytes:
    """`struct lamp *lamp` -> `lamp`"""
    found = _PARAMETER_NAME.search(piece)
    return (found[1] or found[2]) if found else b""


def _pieces(parsed: ParsedC, declarator: Node | None) -> tuple[bytes, ...]:
    listed = declarator.child_by_field_name("parameters") if declarator is not None else None
    return split_arguments(parsed.data[listed.start_byte + 1 : listed.end_byte - 1]) if listed is not None else ()


def _body(parsed: ParsedC, node: Node) -> bytes:
    body = node.child_by_field_name("body")
    return parsed.data[body.start_byte : body.end_byte] if body is not None else b""


def _branches(parsed: ParsedC) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """What may be left out, and of it what ends the function or leaves for a label."""
    branches = [(node.start_byte, node.end_byte) for node in parsed.marked("branch")]
    failures: list[tuple[int, int]] = []
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
    return branches, failures


def _after_exits(parsed: ParsedC, exits: list[int], branches: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In each function, what stands behind the first return or goto that nothing guards."""
    within = _Regions(branches)
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


def _results(parsed: ParsedC) -> Iterator[tuple[int, bytes]]:
    """Where an assigned call begins, and what it is assigned to."""
    for node in parsed.marked("assigned"):
        left = node.child_by_field_name("left") or node.child_by_field_name("declarator")
        right = node.child_by_field_name("right") or node.child_by_field_name("value")
        if left is not None and right is not None:
            yield right.start_byte, parsed.data[left.start_byte : left.end_byte].lstrip(b"* \t")


def _behind_return(node: Node) -> int:
    """Where the value of a return begins when it is a call, else -1."""
    value = next(iter(node.named_children), None)
    while value is not None and value.type == "parenthesized_expression":
        value = next(iter(value.named_children), None)
    return value.start_byte if value is not None and value.type == "call_expression" else -1
