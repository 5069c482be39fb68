"""A pointer that is followed first and asked whether it is NULL afterwards: one of the two is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.pointers import follows
from lrev.source.c_nodes import bare, line, text, walk
from lrev.source.control_flow import Step, StepKind
from lrev.source.flow_values import ZERO, claim, effects

NAME = "checked-late"
MECHANISM = "pointer followed before its NULL check"

# Statements that are executed wherever the function gets this far, and hold no others.
_PLAIN = frozenset({"declaration", "expression_statement"})


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each pointer; only what stands outside of any branch or loop is looked at, so that it happens always."""
    body = image.node.child_by_field_name("body")
    followed: dict[str, Node] = {}
    for statement in body.named_children if body is not None else ():
        if statement.type == "if_statement":
            yield from _late(image, statement, followed)
        if statement.type in _PLAIN:
            found = {name: statement for name in _pointers(statement, image.data) if name not in followed}
        else:
            found = {}
            # What a loop or a branch names may be something else behind it.
            for name in [one for one in followed if one in _names(statement, image.data)]:
                del followed[name]
        followed |= found
        for effect in effects(statement, image.data):
            followed.pop(effect.target, None)


def _late(image: FunctionImage, statement: Node, followed: dict[str, Node]) -> Iterator[Defect]:
    condition = statement.child_by_field_name("condition")
    for part in _alternatives(condition) if condition is not None else ():
        inner = bare(part)
        if inner.type == "unary_expression" and inner.children[0].type == "!":
            operand = inner.child_by_field_name("argument")
            name = text(bare(operand), image.data) if operand is not None else ""
        else:
            says = claim(inner, image.data)
            name = says.variable if says is not None and says.signs == ZERO else ""
            if not name and condition is not None and inner == bare(condition) and inner.type == "identifier":
                name = _filled(image.written(inner), followed, image)
        if name in followed:
            yield _defect(image, name, followed.pop(name), part)


def _filled(name: str, followed: dict[str, Node], image: FunctionImage) -> str:
    """`*found = look(); if (found)`: it is what was written there that was to be asked."""
    statement = followed.get(name)
    inner = statement.named_children[0] if statement is not None and statement.named_children else None
    left = inner.child_by_field_name("left") if inner is not None and inner.type == "assignment_expression" else None
    return name if left is not None and image.written(left) == f"*{name}" else ""


def _defect(image: FunctionImage, name: str, use: Node, test: Node) -> Defect:
    start = Step(line(use), use, StepKind.STATEMENT)
    end = Step(line(test), test, StepKind.CONDITION, image.written(test), truth=True, variable=name, signs=ZERO)
    message = f"`{name}` is followed at line {image.line(start)}, before this asks whether it is NULL."
    return Defect(NAME, MECHANISM, name, (start, end), 0, f"follows `{name}`", message, ending="asked here")


def _alternatives(condition: Node) -> Iterator[Node]:
    """Each side of an ||: any of them alone makes the condition true."""
    node = bare(condition)
    if node.type == "binary_expression" and node.children[1].type == "||":
        for side in (node.children[0], node.children[2]):
            yield from _alternatives(side)
    else:
        yield node


def _pointers(statement: Node, data: bytes) -> Iterator[str]:
    """Variables that the statement follows."""
    for name in dict.fromkeys(text(one, data) for one in walk(statement) if one.type == "identifier"):
        if follows(statement, name, data):
            yield name


def _names(statement: Node, data: bytes) -> set[str]:
    """The variables that a branch may set, and all that any other statement names."""
    if statement.type == "if_statement":
        return {effect.target for effect in effects(statement, data)}
    return {text(one, data) for one in walk(statement) if one.type == "identifier"}
