"""A pointer that is followed, or freed, on the path on which it was found to be NULL or an error pointer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.places import PLACE, may_set
from lrev.evidence.pointers import follows
from lrev.evidence.resources import FREES
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import NEGATIVE, ZERO, Signs

NAME = "known-bad-pointer"
FOLLOWED = "pointer followed where it is known to be bad"
FREED = "error pointer freed"

_BAD = {ZERO: "NULL", NEGATIVE: "an error pointer", ZERO | NEGATIVE: "NULL or an error pointer"}

_TESTED = re.compile(r"!\s*\(?([A-Za-z_][\w>.-]*)|([A-Za-z_][\w>.-]*)\s*==\s*NULL|IS_ERR\w*\s*\(\s*([A-Za-z_][\w>.-]*)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and pointer."""
    written = image.data.decode("utf-8", "replace")
    tested = {one for found in _TESTED.findall(written) for one in found if one}
    if not any(re.search(rf"\*{re.escape(one)}\b|\b{re.escape(one)}(?:->|\[|\s*\))", written) for one in tested):
        return
    for path in image.paths:
        yield from _follow(image, path)


def _follow(image: FunctionImage, path: Path) -> Iterator[Defect]:
    bad: dict[str, tuple[int, Signs]] = {}
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        for place, (start, signs) in list(bad.items()):
            if not _leads_to(path, start, position):
                del bad[place]
            elif follows(step.node, place, image.data):
                yield _defect(FOLLOWED, path[: position + 1], start, place, f"{_BAD[signs]} here, and is followed")
                del bad[place]
            elif signs == NEGATIVE and (by := _freed_by(image, step, place)):
                yield _defect(FREED, path[: position + 1], start, place, f"{_BAD[signs]} here, and {by}() is given it")
                del bad[place]
            elif may_set(image, step, place):
                del bad[place]
        if step.kind is StepKind.CONDITION and PLACE.fullmatch(step.variable) and step.signs in _BAD:
            bad.setdefault(step.variable, (position, step.signs))


def _leads_to(path: Path, start: int, position: int) -> bool:
    """Whether nothing else need be so for the step to be reached: it lies in the branch that the test governs, or that
    branch jumps away. What comes behind a branch may hang on other conditions that exclude the test's outcome.
    """
    above = path[start].node.parent
    while above is not None and above.type.endswith("expression"):
        above = above.parent
    if above is None or above.type != "if_statement":
        return False
    branches = (above.child_by_field_name(name) for name in ("consequence", "alternative"))
    branch = next((one for one in branches if one is not None and _holds(one, path[start + 1])), None)
    if branch is None or _holds(branch, path[position]):
        return branch is not None
    statements = [one for one in branch.named_children if one.type != "comment"]
    last = statements[-1] if branch.type == "compound_statement" and statements else branch
    return last.type == "goto_statement"


def _holds(branch: Node, step: Step) -> bool:
    return branch.start_byte <= step.node.start_byte and step.node.end_byte <= branch.end_byte


def _defect(mechanism: str, path: Path, start: int, place: str, what: str) -> Defect:
    told = path[start]
    origin = (
        told.condition if " is " in told.condition else f"`{told.condition}` is {'true' if told.truth else 'false'}"
    )
    ending = "freed here" if mechanism == FREED else "followed here"
    return Defect(NAME, mechanism, place, path, start, origin, f"`{place}` is {what}.", ending=ending)


def _freed_by(image: FunctionImage, step: Step, place: str) -> str:
    """The function that frees it and takes NULL, but no error pointer."""
    for call in walk(step.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        passed = arguments(call) if name in FREES else ()
        if name in FREES and FREES[name] < len(passed) and image.written(bare(passed[FREES[name]])) == place:
            return name
    return ""
