"""What happens in a C function, call by call: arguments, what becomes of the result, and whether it always happens."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from lrev.source.c_stretches import Stretches, stretches
from lrev.source.c_tree import ParsedC, function_declarator, function_name_node

_NAME = re.compile(rb"[A-Za-z_]\w*")
_PARAMETER_NAME = re.compile(rb"\(\s*\*+\s*(?:const\s+)?(\w+)|(\w+)\s*(?:\[[^\]]*\]\s*)*$")
_WORD = re.compile(rb"[A-Za-z_]\w*")
_NO_OUTCOME = re.compile(rb"NULL\b|-|0\b|ERR_PTR\b|ERR_CAST\b|PTR_ERR\b")


class CallEvent(NamedTuple):
    """`result` is what it is assigned to, b"" for nothing; `statement`: the result is thrown away; `returned`: it is
    what the function returns; `guarded`: a condition, or a return that is always taken, may keep it from happening;
    `late`: so may any return or goto before it, but for those of a NULL test; `cleanup`: it stands where an error or a
    label leads; `member`: the callee is the field of that name.
    """

    callee: str
    start: int
    line: int
    arguments: tuple[bytes, ...]
    result: bytes
    statement: bool
    returned: bool
    guarded: bool
    late: bool
    cleanup: bool
    member: bool


class FunctionEvents(NamedTuple):
    """`parameters` are names in order, b"" where there is none; `returned` the variables that are returned; `outcomes`
    how many unlike values are, NULL and errors not counted.
    """

    name: str
    node: Node
    parameters: tuple[bytes, ...]
    types: tuple[bytes, ...]
    returned: frozenset[bytes]
    outcomes: int
    body: bytes
    calls: tuple[CallEvent, ...]


def events(parsed: ParsedC) -> tuple[FunctionEvents, ...]:
    """Of every function of the file, in order."""
    if not parsed.functions:
        return ()
    return tuple(_Reading(parsed, stretches(parsed)).functions())


class _Reading:
    """The nodes of one file, by where they begin."""

    def __init__(self, parsed: ParsedC, where: Stretches) -> None:
        self._parsed = parsed
        self._where = where
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
            values = [_returned(self._parsed.data, one) for one in returns[at:end]]
            pieces = _pieces(self._parsed, declarator)
            yield FunctionEvents(
                self._parsed.text(name),
                node,
                tuple(map(parameter_name, pieces)),
                pieces,
                frozenset(value for value in values if _WORD.fullmatch(value)),
                len({value for value in values if value and not _NO_OUTCOME.match(value)}),
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
                where = (start in self._where.guarded, start in self._where.late, False)
                yield CallEvent(name[0].decode(), start, line(start), (), b"", False, False, *where, False)

    def _event(self, callee: str, start: int, arguments: bytes, member: bool) -> CallEvent:
        return CallEvent(
            callee,
            start,
            self._parsed.line(start),
            split_arguments(arguments),
            self._results.get(start, b""),
            start in self._statements,
            start in self._direct,
            start in self._where.guarded,
            start in self._where.late,
            start in self._where.cleanup,
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


def _returned(data: bytes, node: Node) -> bytes:
    """What a return statement returns, out of parentheses."""
    return data[node.start_byte + len(b"return") : node.end_byte].rstrip(b" \t\n;").strip(b"() \t\n")


def _body(parsed: ParsedC, node: Node) -> bytes:
    body = node.child_by_field_name("body")
    return parsed.data[body.start_byte : body.end_byte] if body is not None else b""


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
