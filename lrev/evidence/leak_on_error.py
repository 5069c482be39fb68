"""A resource in a local variable that is neither freed nor handed over where a function returns an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage, is_error, returned
from lrev.evidence.ownership import leaves
from lrev.evidence.places import walked
from lrev.evidence.resources import UNDOING, WALKS, Allocator
from lrev.source.c_nodes import arguments, bare, callee, declared, text, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import POSITIVE, ZERO

NAME = "leak-on-error"
MECHANISM = "resource leaked"

_CLEANED_UP = re.compile(r"\b__(?:free|cleanup)\s*\(|\bstatic\b")
# Freed when the device goes.
_MANAGED = re.compile(rb"\bdevm_add_action\w*\s*\(")


@dataclass(frozen=True, slots=True)
class _Allocation:
    """One call of an allocator. `result` is the variable that says whether it worked, where that is not `variable`."""

    node: Node
    name: str
    allocator: Allocator
    variable: str
    result: str


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path that returns an error and still owns what it allocated; of what the function holds in a
    variable of its own and lends to everybody, one for each path.
    """
    follower = _Follower(image, _locals(image))
    if not follower.has_allocations():
        return
    pointers = _returns_pointer(image)
    for path in image.paths:
        last = path[-1]
        failed = is_error(image, last) or (pointers and last.signs == ZERO)
        for position, allocation in follower.owned(path):
            if failed or allocation.allocator.argument < 0:
                yield _defect(image, path, position, allocation)


def _defect(image: FunctionImage, path: Path, position: int, allocation: _Allocation) -> Defect:
    shown, free, line = f"`{allocation.variable}`", allocation.allocator.free, image.line(path[position])
    value = returned(image, path[-1])
    undone = "not freed" if "free" in free else "not undone" if "unprepare" in free else "not released"
    message = (
        f"{shown} from {allocation.name}() at line {line} is {undone} when this returns{value and ' '}{value}; "
        f"{free}() is missing."
    )
    origin = f"{allocation.name}() into {shown}"
    return Defect(NAME, MECHANISM, allocation.variable, path, position, origin, message)


def _returns_pointer(image: FunctionImage) -> bool:
    declarator = image.node.child_by_field_name("declarator")
    return declarator is not None and declarator.type == "pointer_declarator"


def _locals(image: FunctionImage) -> frozenset[str]:
    """Variables of the body that nothing cleans up by itself."""
    body = image.node.child_by_field_name("body")
    assert body is not None
    names: set[str] = set()
    for node in walk(body):
        if node.type == "declaration" and not _CLEANED_UP.search(text(node, image.data)):
            found = (declared(one) for one in node.children_by_field_name("declarator"))
            names.update(text(one, image.data) for one in found if one is not None)
    return frozenset(names)


class _Follower:
    """Follows every allocation along a path; what statements do is read once for all paths."""

    def __init__(self, image: FunctionImage, variables: frozenset[str]) -> None:
        self._image = image
        self._locals = variables
        self._allocations: dict[int, _Allocation | None] = {}
        self._leaving: dict[tuple[int, str], bool] = {}

    def has_allocations(self) -> bool:
        calls = (callee(one, self._image.data) for one in walk(self._image.node) if one.type == "call_expression")
        if any(name.encode() in self._image.data for name in WALKS):
            return True
        return any(self._image.allocator(name) for name in calls if name)

    def owned(self, path: Path) -> Iterator[tuple[int, _Allocation]]:
        """Allocations, with the positions of their steps, that are still the function's at the end of `path`."""
        for position, step in enumerate(path[:-1]):
            allocation = self._allocation(step)
            if allocation is not None and self._is_owned(allocation, path, position):
                yield position, allocation

    def _allocation(self, step: Step) -> _Allocation | None:
        if step.node.id not in self._allocations:
            self._allocations[step.node.id] = self._held_by_walk(step) or self._read(step.node)
        found = self._allocations[step.node.id]
        return found if found is None or found.name not in WALKS or step.truth else None

    def _held_by_walk(self, step: Step) -> _Allocation | None:
        """The entry that a loop stands on."""
        macro, _ = walked(self._image, step)
        at, allocator = WALKS.get(macro, (0, None))
        passed = self._image.written(step.node).strip("()").split(",")
        variable = passed[at].strip() if allocator is not None and at < len(passed) else ""
        if allocator is None or variable not in self._locals:
            return None
        return _Allocation(step.node, macro, allocator, variable, "")

    def _read(self, node: Node) -> _Allocation | None:
        for call in walk(node):
            name = callee(call, self._image.data) if call.type == "call_expression" else ""
            allocator = self._image.allocator(name)
            if allocator is None:
                continue
            assigned = self._assigned(call)
            if allocator.argument < 0:
                return _Allocation(node, name, allocator, assigned, "") if assigned in self._locals else None
            passed = arguments(call)
            variable = text(bare(passed[allocator.argument]), self._image.data).lstrip("&") if passed else ""
            is_condition = bare(node) == call
            if not variable or "[" in variable or not (is_condition or assigned):
                return None
            if allocator.free == "release_firmware" and variable not in self._locals:
                return None
            return _Allocation(node, name, allocator, variable, "" if is_condition else assigned)
        return None

    def _assigned(self, call: Node) -> str:
        above = call.parent
        while above is not None and above.type in {"parenthesized_expression", "cast_expression"}:
            above = above.parent
        if above is None or above.type not in {"assignment_expression", "init_declarator"}:
            return ""
        if above.parent is None or above.parent.type in {"assignment_expression", "init_declarator"}:
            return ""  # `lamp->name = name = kstrdup()` is kept by both
        target = above.child_by_field_name("left") or declared(above)
        return text(target, self._image.data) if target is not None else ""

    def _is_owned(self, allocation: _Allocation, path: Path, position: int) -> bool:
        first = path[position]
        in_condition = first.kind is StepKind.CONDITION
        settled = not allocation.result
        if allocation.allocator.argument >= 0 and settled and first.truth:
            return False  # a result that is not zero: it failed
        for step in path[position if in_condition else position + 1 :]:
            if self._failed(allocation, step):
                return False
            settled = settled or (step.variable == allocation.result and step.signs == ZERO)
            again = step is not first and step.node.id == allocation.node.id
            if again or (step is not first and self._leaves(step.node, allocation)):
                return False
        return settled

    @staticmethod
    def _failed(allocation: _Allocation, step: Step) -> bool:
        """Whether a condition says that there is nothing to free."""
        if step.kind is not StepKind.CONDITION or not step.variable:
            return False
        if allocation.allocator.argument >= 0:
            return step.variable == allocation.result and step.signs != ZERO
        return step.variable == allocation.variable and not step.signs & POSITIVE

    def _leaves(self, node: Node, allocation: _Allocation) -> bool:
        if node.type == "compound_statement":
            return False
        key = node.id, allocation.variable
        if key not in self._leaving:
            self._leaving[key] = self._may_undo(node, allocation) or leaves(
                node, allocation.variable, self._image.data, self._image.lends
            )
        return self._leaving[key]

    def _may_undo(self, node: Node, allocation: _Allocation) -> bool:
        """What was enabled may be disabled through another object, and what is managed is freed by itself."""
        if _MANAGED.search(self._image.data, node.start_byte, node.end_byte):
            return True
        if allocation.variable in self._locals and allocation.allocator.argument < 0:
            return False
        calls = (one for one in walk(node) if one.type == "call_expression")
        written = allocation.variable
        for call in calls:
            name = callee(call, self._image.data)
            if (
                not name
                or UNDOING.search(name)
                or any(written in text(one, self._image.data) for one in arguments(call))
            ):
                return True
        return False
