"""What a function undoes on some of its error paths: not undone on another, or undone where it was never done.

Only pairs that the function itself shows, by a call of what the tree undoes the other with, on the same argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage, is_error, returned
from lrev.evidence.locks import lock_of
from lrev.evidence.resources import UNDOING
from lrev.source.c_nodes import arguments, bare, callee, target, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import NEGATIVE, POSITIVE
from lrev.types import FactKind

NAME = "unwinding"
LEFT = "not undone where other errors undo it"
NEVER = "undone where it was never done"

# What was made by another call than the one that failed, or is counted, is ended in its own time.
_SHARED = re.compile(r"put|unref|deref|free")
# Counted, so that ending what was not begun, or failed to, ends another's; what ends others may end several things.
_COUNTED = frozenset(
    {
        *("clk_prepare_enable", "clk_enable", "clk_prepare"),
        *("regulator_enable", "pci_enable_device", "phy_power_on"),
    }
)
_HANDS_OUT = re.compile(r"alloc|map|_get|^get|find|new|create")


@dataclass(frozen=True, slots=True)
class _Pair:
    """`begins` is a call that returns 0 or an error, undone by calls of `ends` with the same first argument."""

    begins: Node
    name: str
    ends: str
    on: str
    result: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """Of one pair on one path: the step that did it, the step that undid it, -1 for none; `given`: it may be undone by
    a callee that the argument was passed to."""

    path: Path
    done: int
    undone: int
    given: bool


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each error path and pair."""
    pairs = tuple(_pairs(image))
    failing = [path for path in image.paths if is_error(image, path[-1])] if pairs else []
    for pair in pairs:
        seen = [_see(image, path, pair) for path in failing]
        if any(one.done >= 0 and one.undone > one.done for one in seen):
            for one in seen:
                yield from _left(image, pair, one)
                yield from _never(image, pair, one)


def _pairs(image: FunctionImage) -> Iterator[_Pair]:
    """What is begun and ended at the level of the function's own block, or where an error leaves: what stands under
    another condition may go with one elsewhere.
    """
    calls = [node for node in walk(image.node) if node.type == "call_expression"]
    ends: dict[tuple[str, str], list[Node]] = {}
    for call in calls:
        ends.setdefault((callee(call, image.data), _on(image, call)), []).append(call)
    for call in calls:
        name, on = callee(call, image.data), _on(image, call)
        if not name or not on or not _is_always_reached(call) or not _only_succeeds_or_fails(image, name):
            continue
        release = image.knowledge.released_by(name)
        undoing = ends.get((release, on), []) if release and not _SHARED.search(release) else []
        if undoing and all(_is_always_reached(one) or _leaves_with_error(one) for one in undoing):
            taker = target(call)
            yield _Pair(call, name, release, on, image.written(taker) if taker is not None else "")


def _only_succeeds_or_fails(image: FunctionImage, name: str) -> bool:
    """Whether its result is nothing but 0 or an error; what hands out numbers is undone by those."""
    if name in _COUNTED:
        return True
    if _HANDS_OUT.search(name) or lock_of(name, image.facts) is not None:
        return False
    return any(fact.kind is FactKind.RETURNS_ERRNO for fact in image.facts(name))


def _on(image: FunctionImage, call: Node) -> str:
    passed = arguments(call)
    return image.written(bare(passed[0])) if passed else ""


def _statement(call: Node) -> Node:
    node = call
    while node.parent is not None and not node.parent.type.endswith(("_statement", "function_definition")):
        node = node.parent
    return node.parent or node


def _is_always_reached(call: Node) -> bool:
    """A statement, or the condition of an if, in the outermost block, where labels stand too."""
    node = _statement(call)
    if node.type == "if_statement":
        condition = node.child_by_field_name("condition")
        if condition is None or not condition.start_byte <= call.start_byte < condition.end_byte:
            return False
    above = node.parent
    while above is not None and above.type == "labeled_statement":
        above = above.parent
    return above is not None and above.parent is not None and above.parent.type == "function_definition"


def _leaves_with_error(call: Node) -> bool:
    """In a branch that ends in a return or a jump."""
    above = _statement(call).parent
    last = above.named_children[-1] if above is not None and above.type == "compound_statement" else None
    return last is not None and last.type in {"return_statement", "goto_statement"}


def _see(image: FunctionImage, path: Path, pair: _Pair) -> _Seen:
    done = undone = -1
    settled, given = not pair.result, False  # settled: nothing behind says any more whether it worked
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        if step.node.start_byte <= pair.begins.start_byte and pair.begins.end_byte <= step.node.end_byte:
            is_condition = step.kind is StepKind.CONDITION
            done = -1 if is_condition and _failed(step) else position
            settled = settled or is_condition
        elif done >= 0 and not settled and step.kind is StepKind.CONDITION and step.variable == pair.result:
            settled = True
            done = done if not _failed(step) else -1
        for call in walk(step.node):
            name = callee(call, image.data) if call.type == "call_expression" else None
            if name == pair.ends and _on(image, call) == pair.on:
                undone = position
            elif name is not None and _may_undo(image, call, name, pair):
                given = True
    return _Seen(path, done, undone, given)


def _failed(step: Step) -> bool:
    """Whether a condition says that the call in it, or the variable that took its result, failed."""
    if step.variable:
        return not step.signs - NEGATIVE - POSITIVE and bool(step.signs & NEGATIVE)
    return step.truth


def _may_undo(image: FunctionImage, call: Node, name: str, pair: _Pair) -> bool:
    """What is passed the same, or nothing that tells what it is about, may undo what the pair does."""
    if name == pair.name:
        return False
    if not name:
        return True
    passed = [image.written(bare(one)).lstrip("&") for one in arguments(call)]
    return bool(UNDOING.search(name)) and (not passed or any(one in pair.on or pair.on in one for one in passed))


def _left(image: FunctionImage, pair: _Pair, one: _Seen) -> Iterator[Defect]:
    if one.done < 0 or one.undone >= 0 or one.given:
        return
    value = returned(image, one.path[-1])
    message = (
        f"{pair.name}() at line {image.line(one.path[one.done])} is not undone when this returns{value and ' '}{value}"
        f"; other error paths call {pair.ends}()."
    )
    yield Defect(NAME, LEFT, pair.on, one.path, one.done, f"{pair.name}({pair.on})", message)


def _never(image: FunctionImage, pair: _Pair, one: _Seen) -> Iterator[Defect]:
    """An error label reached from above the call that it undoes."""
    if one.done >= 0 or one.undone < 0 or one.given or pair.name not in _COUNTED:
        return
    if one.path[one.undone].node.start_byte < pair.begins.end_byte:
        return
    line = pair.begins.start_point.row + image.first_line
    message = f"{pair.ends}() undoes what {pair.name}() at line {line} does, which has not been done on this way here."
    path = one.path[: one.undone + 1]
    yield Defect(NAME, NEVER, pair.on, path, 0, "enters here", message, ending="undone here")
