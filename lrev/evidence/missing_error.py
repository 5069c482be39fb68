"""Something failed and the function goes to its error label, but the code that it returns there says success."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage, returned
from lrev.source.c_nodes import assigned, bare, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import NEGATIVE, ZERO

NAME = "missing-error-code"
MECHANISM = "error path returns success"

# A label that only errors lead to, by its name.
_ERROR_LABEL = re.compile(r"(?:^|_)(?:err(?:or)?|fail(?:ed|ure)?|abort|bad|unwind|undo|rollback|nomem)\d*(?:_|$)")
# A label that undoes something; where it stands for "nothing to do" it undoes nothing that failed.
_UNDOING_LABEL = re.compile(
    r"(?:^|_)(?:free|release|put|unregister|disable|remove|destroy|unmap|cleanup|clean|deinit|uninit|del|unprepare)\w*$"
)
_CODE = re.compile(r"i?ret|err|error|rc|rv|retval|status|result|res")
_FAILED = frozenset({ZERO, NEGATIVE, NEGATIVE | ZERO})


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path on which a failure leads to an error label, and zero is returned from the variable there."""
    if not _CODE.search(image.data.decode("utf-8", "replace")):
        return
    for path in image.paths:
        variable = returned(image, path[-1])
        if path[-1].signs == ZERO and _CODE.fullmatch(variable):
            position = _failure(image, path, variable)
            if position >= 0:
                yield _defect(path, position, variable)


def _defect(path: Path, position: int, variable: str) -> Defect:
    step = path[position]
    told = f"`{step.condition}` is {'true' if step.truth else 'false'}"
    message = f"when {told} this fails, and `{variable}`, which is returned, is still 0: the caller sees success."
    subject = f"{variable} {step.condition}"
    return Defect(NAME, MECHANISM, subject, path, position, f"{told}: it failed", message)


def _failure(image: FunctionImage, path: Path, variable: str) -> int:
    """The last condition that finds a failure and leaves for it; -1 where there is none."""
    for position in range(len(path) - 2, -1, -1):
        step = path[position]
        if step.kind is not StepKind.CONDITION:
            continue
        left_by = _exit(step.node) if _leads_in(step) else None
        if left_by is None:
            continue
        if _says_failure(step, variable) and _is_failing(image, step, left_by, path[position + 1 :]):
            return position
    return -1


def _says_failure(step: Step, variable: str) -> bool:
    return bool(step.variable) and step.variable != variable and step.signs in _FAILED


def _leads_in(step: Step) -> bool:
    """Whether the outcome is the one that leads into the branch, each ! on the way turning it round."""
    wanted, above = True, step.node.parent
    while above is not None and above.type.endswith("expression"):
        if above.type == "unary_expression" and above.children[0].type == "!":
            wanted = not wanted
        above = above.parent
    return step.truth is wanted


def _exit(condition: Node) -> Node | None:
    """The goto or return that ends the branch of a condition, where there is no other branch."""
    above = condition.parent
    while above is not None and above.type.endswith("expression"):
        above = above.parent
    if above is None or above.type != "if_statement" or above.child_by_field_name("alternative") is not None:
        return None
    branch = above.child_by_field_name("consequence")
    statements = [one for one in branch.named_children if one.type != "comment"] if branch is not None else []
    last = statements[-1] if branch is not None and branch.type == "compound_statement" and statements else branch
    return last if last is not None and last.type in {"goto_statement", "return_statement"} else None


def _only_by_jumps(image: FunctionImage, label: str) -> bool:
    """Whether nothing falls into a label from above: one that is fallen into is the way out of success as well."""
    for node in walk(image.node):
        named = node.child_by_field_name("label") if node.type == "labeled_statement" else None
        if named is not None and image.written(named) == label:
            above = node.prev_named_sibling
            while above is not None and above.type == "comment":
                above = above.prev_named_sibling
            return above is not None and above.type in {"return_statement", "goto_statement"}
    return False


def _is_result(image: FunctionImage, variable: str) -> bool:
    """Whether the variable takes what a call returns, so that its being NULL is a failure and no state of affairs."""
    for node in walk(image.node):
        if node.type in {"assignment_expression", "init_declarator"}:
            taker = assigned(node)
            value = node.child_by_field_name("right") or node.child_by_field_name("value")
            if taker is not None and image.written(taker) == variable and value is not None:
                return bare(value).type in {"call_expression", "cast_expression"}
    return False


def _is_failing(image: FunctionImage, step: Step, left_by: Node, rest: Path) -> bool:
    """An error may leave by whatever undoes something, or at once; what is NULL only by a label that is for errors."""
    if left_by.type == "return_statement":
        return step.signs == NEGATIVE and rest[-1].node == left_by
    label = left_by.child_by_field_name("label")
    name = image.written(label) if label is not None else ""
    if _ERROR_LABEL.search(name):
        return step.signs == NEGATIVE or _only_by_jumps(image, name) or _is_result(image, step.variable)
    return step.signs == NEGATIVE and _UNDOING_LABEL.search(name) is not None
