"""The names that some lines of a C file use, and those that they declare."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.source.c_nodes import NAMES, declared
from lrev.source.c_tree import parse

# Their text is not parsed: the replacement of a macro.
_RAW = "preproc_arg"
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAMED = frozenset({"preproc_def", "preproc_function_def", "enumerator"})
_WITH_BODY = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


@dataclass(frozen=True, slots=True)
class Names:
    """`used`: name -> the first of the lines that has it, declared or not. Comments and strings have no names."""

    used: dict[str, int]
    declared: frozenset[str]


def names_on(data: bytes, lines: frozenset[int]) -> Names:
    """Of variables, functions, members, types and macros."""
    parsed = parse(data)
    used: dict[str, int] = {}
    own: set[str] = set()
    for node in _overlapping(parsed.root, lines):
        number = node.start_point.row + 1
        if node.type in NAMES and number in lines:
            used.setdefault(parsed.text(node), number)
        elif node.type == _RAW and number in lines:
            for word in _WORD.findall(parsed.text(node)):
                used.setdefault(word, number)
        own.update(parsed.text(one) for one in _declares(node) if one.start_point.row + 1 in lines)
    return Names(used, frozenset(own))


def _overlapping(root: Node, lines: frozenset[int]) -> Iterator[Node]:
    """In order of the text; what has none of the lines is passed over with all below it."""
    rows = sorted(line - 1 for line in lines)
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if _any_within(rows, node.start_point.row, node.end_point.row):
            yield node
            waiting += reversed(node.named_children)


def _any_within(rows: list[int], first: int, last: int) -> bool:
    at = bisect.bisect_left(rows, first)
    return at < len(rows) and rows[at] <= last


def _declares(node: Node) -> Iterator[Node]:
    for declarator in node.children_by_field_name("declarator"):
        name = declared(declarator)
        if name is not None:
            yield name
    if node.type == "preproc_params":
        yield from node.named_children
    elif node.type in _NAMED or (node.type in _WITH_BODY and node.child_by_field_name("body") is not None):
        name = node.child_by_field_name("name")
        if name is not None:
            yield name
