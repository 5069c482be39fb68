"""The result of a call tested for what its callee never returns: NULL for an error pointer, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.resources import ALLOCATORS, MANAGED
from lrev.source.c_nodes import assigned, bare, callee, line, walk
from lrev.source.control_flow import Step, StepKind
from lrev.source.flow_values import ZERO, claim
from lrev.types import Fact, FactKind

NAME = "error-pointer"
MECHANISM = "NULL and error pointer confused"

_CONDITIONS = {"if_statement": "condition", "while_statement": "condition", "conditional_expression": "condition"}
_IS_ERR = re.compile(r"\bIS_ERR\s*\(")
# These ask for both.
_ASK_BOTH = ("IS_ERR_OR_NULL", "PTR_ERR_OR_ZERO")
# What the debug file system returns is not to be tested at all.
_NEVER_TESTED = re.compile(r"^(?:debugfs|tracefs)_create_")


class _Fails(Enum):
    """How a callee says that it failed."""

    NULL = "NULL"
    ERROR = "an error pointer"


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each variable that takes results of one kind and is tested only for the other."""
    calls: dict[str, list[Node]] = {}
    for node in walk(image.node):
        if node.type in {"assignment_expression", "init_declarator"}:
            target = assigned(node)
            if target is not None:
                calls.setdefault(image.written(target), []).append(node)
    for variable, assignments in calls.items():
        yield from _confused(image, variable, assignments)


def _confused(image: FunctionImage, variable: str, assignments: list[Node]) -> Iterator[Defect]:
    named = [_called(image, one) for one in assignments]
    ways = {_fails(image, name) if name else None for name in named}
    tests = list(_tests(image, variable)) if len(ways) == 1 and ways != {None} else []
    if not tests or any(name.encode() in image.data for name in _ASK_BOTH):
        return
    (way,) = ways
    seen = {_IS_ERR.search(image.written(one)) is not None for one in tests}
    if way is None or len(seen) != 1 or (way is _Fails.ERROR) in seen:
        return
    for node, name in zip(assignments, named, strict=True):
        test = next((one for one in tests if one.start_byte > node.start_byte), None)
        if test is not None:
            yield _defect(image, variable, way, name, node, test)


def _defect(image: FunctionImage, variable: str, way: _Fails, name: str, call: Node, test: Node) -> Defect:
    never = "NULL" if way is _Fails.ERROR else "an error pointer"
    message = (
        f"{name}() returns {way.value} when it fails, never {never}: the test `{image.written(test)}` does not see it."
    )
    start = Step(line(call), call, StepKind.STATEMENT)
    end = Step(line(test), test, StepKind.CONDITION, image.written(test), truth=False, variable=variable)
    origin = f"{name}() into `{variable}`"
    told = tuple(_sentence(fact) for fact in image.facts(name) if fact.kind in _KINDS)
    return Defect(NAME, MECHANISM, variable, (start, end), 0, origin, message, told, ending="tested here")


_KINDS = {FactKind.RETURNS_NULL, FactKind.RETURNS_ERR_PTR}


def _sentence(fact: Fact) -> str:
    return f"{fact.function}() {fact.kind.value} (line {fact.line}, {fact.origin.value})"


def _called(image: FunctionImage, assignment: Node) -> str:
    """The callee whose result is assigned, "" for any other value."""
    value = assignment.child_by_field_name("right") or assignment.child_by_field_name("value")
    while value is not None and value.type == "cast_expression":
        value = value.child_by_field_name("value")
    value = bare(value) if value is not None else None
    return callee(value, image.data) if value is not None and value.type == "call_expression" else ""


def _fails(image: FunctionImage, name: str) -> _Fails | None:
    """None where the index does not tell, or tells both."""
    if _NEVER_TESTED.search(name):
        return None
    allocator = ALLOCATORS.get(name)
    if name in MANAGED or (allocator is not None and allocator.argument < 0 and allocator.failure == ZERO):
        return _Fails.NULL
    kinds = {fact.kind for fact in image.facts(name)} & _KINDS
    if len(kinds) != 1:
        return None
    return _Fails.ERROR if FactKind.RETURNS_ERR_PTR in kinds else _Fails.NULL


def _tests(image: FunctionImage, variable: str) -> Iterator[Node]:
    """Conditions, and parts of && and ||, that say something of the variable alone; of both kinds, none."""
    for node in walk(image.node):
        condition = node.child_by_field_name(_CONDITIONS[node.type]) if node.type in _CONDITIONS else None
        for part in _parts(condition) if condition is not None else ():
            says = claim(_unnegated(part), image.data)
            if says is not None and says.variable == variable:
                yield part


def _parts(condition: Node) -> Iterator[Node]:
    node = bare(condition)
    if node.type == "binary_expression" and node.children[1].type in {"&&", "||"}:
        for side in (node.children[0], node.children[2]):
            yield from _parts(side)
    else:
        yield node


def _unnegated(node: Node) -> Node:
    while node.type == "unary_expression" and node.children[0].type == "!":
        inner = node.child_by_field_name("argument")
        if inner is None:
            break
        node = bare(inner)
    return node
