"""An unsigned variable that takes the result of a call and is then asked whether it is below zero: it never is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.fields import number_types
from lrev.evidence.plain import defect
from lrev.source.c_nodes import assigned, bare, declared, walk

NAME = "never-negative"
MECHANISM = "unsigned variable asked for an error"

_UNSIGNED = re.compile(r"(?:const )?(?:unsigned(?: \w+)*|_*u(?:8|16|32|64)|u?int\d*_t|u(?:int|long|short)|size_t|bool)")
_ASKS = re.compile(rb"<\s*0\b")
_SIGNED = re.compile(r"int\d*_t")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each test; a range test of what no call gave (`i < 0 || i > n`) is idle and not wrong."""
    if not _ASKS.search(image.data):
        return
    unsigned = {*_unsigned(image), *_members(image)}
    given: dict[str, Node] = {}
    for node in walk(image.node):
        if node.type in {"assignment_expression", "init_declarator"}:
            _take(node, image, unsigned, given)
        if node.type == "binary_expression" and node.children[1].type == "<":
            name = image.written(bare(node.children[0]))
            if name in given and image.written(bare(node.children[2])) == "0":
                message = f"`{name}` is unsigned and never below 0: the error that it may hold is not seen."
                origin = f"`{name}` takes a result"
                yield defect(NAME, MECHANISM, name, (given[name], node), origin, "never true", message)


def _take(node: Node, image: FunctionImage, unsigned: set[str], given: dict[str, Node]) -> None:
    target = assigned(node)
    name = image.written(target) if target is not None else ""
    if name in unsigned:
        value = node.child_by_field_name("right") or node.child_by_field_name("value")
        given.pop(name, None)
        if value is not None and bare(value).type == "call_expression":
            given[name] = node


def _members(image: FunctionImage) -> Iterator[str]:
    for name, kind in number_types(image).items() if b"->" in image.data else ():
        if _UNSIGNED.fullmatch(kind) and not _SIGNED.fullmatch(kind):
            yield name


def _unsigned(image: FunctionImage) -> Iterator[str]:
    """Locals and parameters of an unsigned type, pointers and arrays left out."""
    for node in walk(image.node):
        if node.type not in {"declaration", "parameter_declaration"}:
            continue
        kind = node.child_by_field_name("type")
        written = image.written(kind) if kind is not None else ""
        if not _UNSIGNED.fullmatch(written) or _SIGNED.fullmatch(written):
            continue
        for declarator in node.children_by_field_name("declarator"):
            inner = declarator.child_by_field_name("declarator") if declarator.type == "init_declarator" else declarator
            if inner is not None and inner.type == "identifier":
                name = declared(inner)
                yield image.written(name) if name is not None else ""
