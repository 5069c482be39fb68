"""What happens in a C function, call by call: arguments, what becomes of the result, and whether it always happens."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from lrev.source.c_guards import FunctionGuards, Guard, Guards
from lrev.source.c_tree import ParsedC, function_declarator, function_name_node

_NAME = re.compile(rb"[A-Za-z_]\w*")
_PARAMETER_NAME = re.compile(rb"\(\s*\*+\s*(?:const\s+)?(\w+)|(\w+)\s*(?:\[[^\]]*\]\s*)*$")
_RETURNED_NAME = re.compile(rb"return\s*\(?\s*(\w+)\s*\)?\s*;")


class CallEvent(NamedTuple):
    """`result` is what it is assigned to, b"" for nothing; `statement`: the result is thrown away; `returned`: it is
    what the function returns; `guard`: what may keep it from happening; `cleanup`: it stands where an error or a label
    leads; `member`: the callee is the field of that name."""

    callee: str
    start: int
    line: int
    arguments: tuple[bytes, ...]
    result: bytes
    statement: bool
    returned: bool
    guard: Guard
    cleanup: bool
    member: bool


class _Call(NamedTuple):
    callee: str
    start: int
    arguments: bytes
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


def events(parsed: ParsedC) -> tuple[FunctionEvents, ...]:
    """Of every function of the file, in order."""
    if not parsed.functions:
        return ()
    return tuple(_Reading(parsed).functions())


class _Reading:
    """The nodes of one file, by where they begin."""

    def __init__(self, parsed: ParsedC) -> None:
        self._parsed = parsed
        self._guards = Guards(parsed)
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
            parameters = tuple(map(parameter_name, pieces))
            pointers = {one: b"*" in piece or b"[" in piece for one, piece in zip(parameters, pieces, strict=True)}
            guards = self._guards.of(node.start_byte, node.end_byte, pointers)
            yield FunctionEvents(
                self._parsed.text(name),
                node,
                parameters,
                pieces,
                frozenset(found[1] for found in told if found),
                _body(self._parsed, node),
                tuple(self._event(call, guards) for call in calls[first:last]),
            )

    def _calls(self) -> Iterator[_Call]:
        data = self._parsed.data
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
                yield _Call(callee, node.start_byte, data[listed.start_byte + 1 : listed.end_byte - 1], member)
        for start in self._parsed.iterators:
            name = _NAME.match(data, start)
            if name is not None:
                yield _Call(name[0].decode(), start, b"", False)

    def _event(self, call: _Call, guards: FunctionGuards) -> CallEvent:
        start, arguments = call.start, split_arguments(call.arguments)
        return CallEvent(
            call.callee,
            start,
            self._parsed.line(start),
            arguments,
            self._results.get(start, b""),
            start in self._statements,
            start in self._direct,
            guards.guard(start, arguments),
            guards.is_cleanup(start),
            call.member,
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


def _results(parsed: ParsedC) -> Iterator[tuple[int, bytes]]:
    """Where an assigned call begins, and what it is assigned to."""
    for node in parsed.marked("assigned"):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None:
            yield right.start_byte, parsed.data[left.start_byte : left.end_byte]
            continue
        left, right = node.child_by_field_name("declarator"), node.child_by_field_name("value")
        if left is not None and right is not None:
            # The stars of a declaration belong to the type.
            yield right.start_byte, parsed.data[left.start_byte : left.end_byte].lstrip(b"* \t")


def _behind_return(node: Node) -> int:
    """Where the value of a return begins when it is a call, else -1."""
    value = next(iter(node.named_children), None)
    while value is not None and value.type == "parenthesized_expression":
        value = next(iter(value.named_children), None)
    return value.start_byte if value is not None and value.type == "call_expression" else -1
