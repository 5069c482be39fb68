"""An unsigned variable that takes the result of a call and is then asked whether it is below zero: it never is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions
from lrev.evidence.plain import defect
from lrev.source.c_nodes import assigned, bare, walk

NAME = "never-negative"
MECHANISM = "unsigned variable asked for an error"

_UNSIGNED = re.compile(r"unsigned(?: \w+)*|_*u(?:8|16|32|64)|uint\d*_t|u(?:int|long|short)|size_t|bool")
_ASKS = re.compile(rb"<\s*0\b")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each test; a range test of what no call gave (`i < 0 || i > n`) is idle and not wrong."""
    if not _ASKS.search(image.data):
        return
    expressions = image.expressions
    given: dict[str, Node] = {}
    for node in walk(image.node):
        if node.type in {"assignment_expression", "init_declarator"}:
            _take(node, image, expressions, given)
        if node.type == "binary_expression" and node.children[1].type == "<":
            name = image.written(bare(node.children[0]))
            if name in given and image.written(bare(node.children[2])) == "0":
                message = f"`{name}` is unsigned and never below 0: the error that it may hold is not seen."
                origin = f"`{name}` takes a result"
                yield defect(NAME, MECHANISM, name, (given[name], node), origin, "never true", message)


def _take(node: Node, image: FunctionImage, expressions: Expressions, given: dict[str, Node]) -> None:
    target = assigned(node)
    if target is not None and _is_unsigned(expressions, target):
        name = image.written(target)
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        given.pop(name, None)
        if value is not None and bare(value).type == "call_expression":
            given[name] = node


def _is_unsigned(expressions: Expressions, target: Node) -> bool:
    kind = expressions.type(target)
    return kind is not None and kind.is_plain and _UNSIGNED.fullmatch(kind.base) is not None
