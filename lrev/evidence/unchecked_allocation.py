"""The result of an allocation followed as a pointer on a path that never asks whether it is NULL."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.pointers import follows
from lrev.evidence.resources import ALLOCATORS, MANAGED
from lrev.source.c_nodes import arguments, callee, target, text, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import ZERO
from lrev.types import FactKind

NAME = "unchecked-allocation"
MECHANISM = "unchecked allocation"

# A mempool waits for an element where it may sleep, and does not fail.
_WAITING = frozenset({"mempool_alloc"})
_FAILING = (
    frozenset(name for name, one in ALLOCATORS.items() if one.failure == ZERO and one.argument < 0) | MANAGED
) - _WAITING
# Callees that look into what they are given at once.
_FILLING = frozenset(
    {"memcpy", "memset", "memmove", "strcpy", "strncpy", "strscpy", "strlcpy", "sprintf", "get_random_bytes"}
    | {"memcpy_toio", "memcpy_fromio"}
)
_JUDGES = re.compile(r"\b\w*(?:ASSERT|EXPECT|BUG_ON|WARN_ON)\w*\s*\(")
_NO_FAIL = re.compile(r"\b__GFP_NOFAIL\b")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path on which the first use of a fresh allocation is to follow it."""
    calls = (callee(one, image.data) for one in walk(image.node) if one.type == "call_expression")
    if not any(_fails(image, name) for name in calls if name):
        return
    for path in image.paths:
        for position, step in enumerate(path):
            name, variable = _allocation(step, image)
            end = _first_use(path, position, variable, image) if variable else 0
            if end:
                yield _defect(image, path[: end + 1], position, name, variable)


def _defect(image: FunctionImage, path: Path, position: int, name: str, variable: str) -> Defect:
    line = image.line(path[position])
    message = (
        f"{name}() can return NULL; `{variable}`, which takes its result at line {line}, is used here "
        "and nothing has tested it."
    )
    origin = f"{name}() into `{variable}`"
    return Defect(NAME, MECHANISM, variable, path, position, origin, message, ending="used here")


def _allocation(step: Step, image: FunctionImage) -> tuple[str, str]:
    """The allocator and the plain variable that takes its result; "" where the step allocates nothing."""
    if step.kind is StepKind.CONDITION or step.node.type == "compound_statement":
        return "", ""
    if _JUDGES.search(image.written(step.node)):
        return "", ""
    for call in walk(step.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        if name and _fails(image, name) and not _NO_FAIL.search(text(call, image.data)):
            taker = target(call)
            variable = text(taker, image.data) if taker is not None and taker.type == "identifier" else ""
            return (name, variable) if variable else ("", "")
    return "", ""


def _fails(image: FunctionImage, name: str) -> bool:
    """By the table, or because it gives what an allocator gave it, NULL included."""
    if name in _FAILING or name in _WAITING:
        return name in _FAILING
    kinds = {fact.kind for fact in image.facts(name)}
    if FactKind.RETURNS_ALLOCATION not in kinds or FactKind.RETURNS_NULL not in kinds:
        return False
    return not any(b"nofail" in body.lower() for body in image.knowledge.bodies(name, image.path))


def _first_use(path: Path, position: int, variable: str, image: FunctionImage) -> int:
    """The step that follows the pointer before anything has tested, replaced or judged it; 0 if there is none."""
    judged = re.compile(rf"!\s*{re.escape(variable)}\b|\b{re.escape(variable)}\s*(?:[!=]=|=[^=])")
    for at in range(position + 1, len(path)):
        step = path[at]
        if step.node.type == "compound_statement":
            continue
        if follows(step.node, variable, image.data) or _fills(step, variable, image):
            return at
        written = image.written(step.node)
        mentions = re.search(rf"\b{re.escape(variable)}\b", written)
        if mentions and (step.kind is StepKind.CONDITION or judged.search(written) or _JUDGES.search(written)):
            return 0
    return 0


def _fills(step: Step, variable: str, image: FunctionImage) -> bool:
    """Whether a callee is given the pointer that reads or writes what it is given at once."""
    if step.kind is StepKind.CONDITION:
        return False
    for call in walk(step.node):
        if call.type == "call_expression" and callee(call, image.data) in _FILLING:
            return any(image.written(one) == variable for one in arguments(call))
    return False
