"""A local variable that is used on a path on which nothing has set it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.places import walked
from lrev.evidence.resources import FREES
from lrev.source.c_nodes import arguments, callee, walk
from lrev.source.control_flow import Path, Step, StepKind

NAME = "uninitialised"
MECHANISM = "variable used before it is set"

_WHOLES = frozenset({"struct_specifier", "union_specifier"})
_DECLARATORS = frozenset({"identifier", "pointer_declarator"})
_SET_ELSEWHERE = re.compile(r"__maybe_unused|uninitialized_var|\bstatic\b|\b__free\b|\b__cleanup")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each variable and path. What a call is given, a loop or assembler may set counts as set."""
    unset = dict(_declared(image))
    if not unset:
        return
    for path in image.paths:
        for name, declaration in unset.items():
            start = next((at for at, step in enumerate(path) if step.node == declaration), -1)
            use = _use(image, path, start, name) if start >= 0 else 0
            if use:
                yield _defect(image, path[: use + 1], start, name)


def _defect(image: FunctionImage, path: Path, start: int, name: str) -> Defect:
    line = image.line(path[start])
    message = f"`{name}`, declared at line {line} without a value, is used here, and nothing on the way has set it."
    return Defect(NAME, MECHANISM, name, path, start, f"declares `{name}`", message, ending="used here")


def _declared(image: FunctionImage) -> Iterator[tuple[str, Node]]:
    """Numbers and pointers that are declared without a value."""
    for node in walk(image.node):
        if node.type != "declaration" or _SET_ELSEWHERE.search(image.written(node)):
            continue
        kind = node.child_by_field_name("type")
        for declarator in node.children_by_field_name("declarator"):
            is_whole = declarator.type == "identifier" and kind is not None and kind.type in _WHOLES
            if declarator.type in _DECLARATORS and not is_whole:
                yield image.written(declarator).lstrip("* "), node


def _use(image: FunctionImage, path: Path, start: int, name: str) -> int:
    """The step that uses the variable as it was declared; 0 when something sets it first, or may."""
    word = re.compile(rf"(?<![\w.>]){re.escape(name)}\b")
    for at in range(start + 1, len(path)):
        step = path[at]
        if step.node.type == "compound_statement":
            continue
        written = image.written(step.node)
        if not word.search(written):
            if _passes_loop(step, word, image) or _names_it_inside(step, word, image):
                return 0
            continue
        return at if _is_plain_use(step, name, written) or _frees(step, name, image) else 0
    return 0


def _is_plain_use(step: Step, name: str, written: str) -> bool:
    """A return of it, or a condition that compares nothing else: neither sets it nor hands it to anything."""
    if step.kind is StepKind.RETURN:
        return re.fullmatch(rf"return\s*\(?\s*{re.escape(name)}\s*\)?\s*;", written) is not None
    compared = rf"{re.escape(name)}(?:\s*(?:[<>]=?|[!=]=)\s*-?\w+)?"
    return step.kind is StepKind.CONDITION and re.fullmatch(compared, written) is not None


def _frees(step: Step, name: str, image: FunctionImage) -> bool:
    call = _call(step)
    by = callee(call, image.data) if call is not None else ""
    passed = arguments(call) if call is not None and by in FREES else ()
    return by in FREES and FREES[by] < len(passed) and image.written(passed[FREES[by]]) == name


def _call(step: Step) -> Node | None:
    """The call that a statement consists of."""
    inner = step.node.named_children if step.node.type == "expression_statement" else []
    return inner[0] if inner and inner[0].type == "call_expression" else None


def _names_it_inside(step: Step, word: re.Pattern[str], image: FunctionImage) -> bool:
    """Whether the statement, or the loop whose head it is, is a macro of the file itself with the variable in it."""
    call = _call(step)
    name = callee(call, image.data) if call is not None else walked(image, step)[0]
    return (
        bool(name) and word.search(image.knowledge.own_macro(name, image.path).decode("utf-8", "replace")) is not None
    )


def _passes_loop(step: Step, word: re.Pattern[str], image: FunctionImage) -> bool:
    """Whether a loop over something is passed by that would have set the variable: there may always be one. Of a plain
    while nobody knows.
    """
    if step.kind is not StepKind.CONDITION:
        return False
    macro, _ = walked(image, step)
    above = step.node.parent
    while above is not None and above.type.endswith("expression"):
        above = above.parent
    is_walk = above is not None and (above.type == "for_statement" or macro not in {"", "while", "if", "switch"})
    return is_walk and above is not None and word.search(image.written(above)) is not None
