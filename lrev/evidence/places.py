"""Places in memory that checks follow by name along a path, `lamp` and `lamp->bulb`, and what may change them."""

from __future__ import annotations

import re

from lrev.evidence.defect import FunctionImage
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Step, StepKind
from lrev.source.flow_values import effects

# Anything longer has other names as well.
PLACE = re.compile(r"[A-Za-z_]\w*(?:->\w+|\.\w+)?")
_MACRO = re.compile(r"(\w+)\s*$")
# Macros that set what they name without a `&`.
_SETTING = frozenset({"swap", "get_user", "__get_user", "put_and_clear", "rcu_swap_protected", "list_prepare_entry"})
_STATEMENTS = frozenset({"if", "while", "switch"})
_DOT = re.compile(r"->|\.")


def root(place: str) -> str:
    """The variable that a place is reached from."""
    return _DOT.split(place)[0]


def walked(image: FunctionImage, step: Step) -> tuple[str, str]:
    """Of the head of a loop written as a macro: the macro, which stands before its arguments, and the first of them."""
    if step.kind is not StepKind.CONDITION or step.node.type != "parenthesized_expression":
        return "", ""
    macro = _MACRO.search(image.data[: step.node.start_byte].decode("utf-8", "replace"))
    passed = image.written(step.node).strip("()").split(",")
    return (macro[1], passed[0].strip()) if macro is not None and macro[1] not in _STATEMENTS else ("", "")


def sets(image: FunctionImage, step: Step, place: str) -> bool:
    """Whether the step gives the place another value itself."""
    return any(effect.target in {place, root(place)} for effect in effects(step.node, image.data))


def may_set(image: FunctionImage, step: Step, place: str, but: str = "") -> bool:
    """Whether the place may hold something else after the step: it was set, walked with, or, for a member, what it is
    a member of was given to a callee other than `but`.
    """
    if sets(image, step, place):
        return True
    base = root(place)
    if walked(image, step)[0] and re.search(rf"\b{re.escape(base)}\b", image.written(step.node)):
        return True
    for call in walk(step.node):
        is_setting = call.type == "call_expression" and callee(call, image.data) in _SETTING
        if is_setting and any(image.written(bare(one)) in {place, base} for one in arguments(call)):
            return True
    if base == place:
        return False
    for call in walk(step.node):
        if call.type == "call_expression" and callee(call, image.data) != but:
            passed = {image.written(bare(one)).lstrip("&") for one in arguments(call)}
            if base in passed or place in passed:
                return True
    return False
