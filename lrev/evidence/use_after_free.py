"""Memory that is looked into, or freed again, on the path on which it has been freed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.pointers import follows
from lrev.evidence.resources import freed_argument
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import effects

NAME = "use-after-free"
USED = "used after it was freed"
TWICE = "freed twice"
WALKED = "list walked from a freed entry"

# `lamp`, `lamp->bulb`: anything longer has other names as well.
_PLACE = re.compile(r"[A-Za-z_]\w*(?:->\w+|\.\w+)?")
_WALKS = re.compile(r"(?:list|hlist|llist)_for_each_entry(?!\w*_safe)\w*|list_for_each(?!\w*_safe)\w*")

_MACRO = re.compile(r"(\w+)\s*$")


@dataclass(frozen=True, slots=True)
class _Freed:
    variable: str
    by: str
    position: int


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and variable; what is set again, or may be by a callee, is another thing from there on."""
    freeing = _Freeing(image)
    if not freeing.has_any():
        return
    for path in image.paths:
        yield from _follow(image, freeing, path)


class _Freeing:
    """What each step frees, read once for all paths through it."""

    def __init__(self, image: FunctionImage) -> None:
        self._image = image
        self._known: dict[int, tuple[tuple[str, str], ...]] = {}

    def has_any(self) -> bool:
        return any(True for _ in self._read(self._image.node))

    def of(self, node: Node) -> tuple[tuple[str, str], ...]:
        """(variable, function) for each."""
        if node.id not in self._known:
            self._known[node.id] = tuple(self._read(node)) if node.type != "compound_statement" else ()
        return self._known[node.id]

    def _read(self, node: Node) -> Iterator[tuple[str, str]]:
        for call in walk(node):
            name = callee(call, self._image.data) if call.type == "call_expression" else ""
            at = freed_argument(name, self._image.facts) if name else -1
            passed = arguments(call)
            if 0 <= at < len(passed):
                variable = self._image.written(bare(passed[at]))
                if _PLACE.fullmatch(variable):
                    yield variable, name


def _follow(image: FunctionImage, freeing: _Freeing, path: Path) -> Iterator[Defect]:
    freed: dict[str, _Freed] = {}
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        frees = freeing.of(step.node)
        for one in list(freed.values()):
            mechanism, message = _misuse(image, step, one, frees)
            if mechanism:
                yield _defect(image, path[: position + 1], one, mechanism, message)
                del freed[one.variable]
            elif _is_another(image, step, one.variable):
                del freed[one.variable]
        for variable, by in frees:
            if not _is_another(image, step, variable, but=by):
                freed.setdefault(variable, _Freed(variable, by, position))


def _misuse(image: FunctionImage, step: Step, one: _Freed, frees: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The mechanism and what to say; "" where the step does nothing to what was freed."""
    name, walked = _walk(image, step)
    if name:
        read = WALKED, f"{name}() reads the next entry from `{one.variable}`, which"
        return read if walked == one.variable and _WALKS.fullmatch(name) else ("", "")
    if any(variable == one.variable for variable, _ in frees):
        return TWICE, f"this frees `{one.variable}` again, which"
    if follows(step.node, one.variable, image.data) and not _sets(image, step.node, one.variable):
        return USED, f"this looks into `{one.variable}`, which"
    return "", ""


def _walk(image: FunctionImage, step: Step) -> tuple[str, str]:
    """The macro that walks over something, which stands before its arguments, and the variable it walks with."""
    if step.kind is not StepKind.CONDITION or step.node.type != "parenthesized_expression":
        return "", ""
    macro = _MACRO.search(image.data[: step.node.start_byte].decode("utf-8", "replace"))
    passed = image.written(step.node).strip("()").split(",")
    return (macro[1], passed[0].strip()) if macro is not None and len(passed) > 1 else ("", "")


def _defect(image: FunctionImage, path: Path, one: _Freed, mechanism: str, what: str) -> Defect:
    line = image.line(path[one.position])
    message = f"{what} {one.by}() has freed at line {line}."
    origin = f"{one.by}() frees `{one.variable}`"
    ending = {USED: "used here", TWICE: "freed here again", WALKED: "goes on from it"}[mechanism]
    return Defect(NAME, mechanism, one.variable, path, one.position, origin, message, ending=ending)


def _sets(image: FunctionImage, node: Node, variable: str) -> bool:
    return any(effect.target == variable for effect in effects(node, image.data))


def _is_another(image: FunctionImage, step: Step, variable: str, but: str = "") -> bool:
    """Whether `variable` may hold something else after the step: it was set, or a callee was given where it lies."""
    root = re.split(r"->|\.", variable)[0]
    for effect in effects(step.node, image.data):
        if effect.target in {variable, root}:
            return True
    if _walk(image, step)[0] and re.search(rf"\b{re.escape(root)}\b", image.written(step.node)):
        return True
    for call in walk(step.node):
        if call.type != "call_expression":
            continue
        name = callee(call, image.data)
        passed = [image.written(bare(one)) for one in arguments(call)]
        if root != variable and name != but and root in passed:
            return True  # it has the structure, and may have put something else there
    return False
