"""What a path knows of variables: which of negative, zero and positive they can be.

A pointer fits the same three: an error pointer is negative, NULL is zero, any other is positive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from tree_sitter import Node

from lrev.source.c_nodes import arguments, bare, callee, declared, text, walk


class Sign(Enum):
    NEGATIVE = "negative"
    ZERO = "zero"
    POSITIVE = "positive"


Signs = frozenset[Sign]
ANY: Signs = frozenset(Sign)
NEGATIVE: Signs = frozenset({Sign.NEGATIVE})
ZERO: Signs = frozenset({Sign.ZERO})
POSITIVE: Signs = frozenset({Sign.POSITIVE})

_WORD = re.compile(r"\w+")
# Of variables and constants alone: no call, and nothing that another may set through a pointer.
_PLAIN = re.compile(r"[\w\s<>=!&|+-]*")
_COMPARED_WITH_ZERO = {
    "<": NEGATIVE,
    ">": POSITIVE,
    "<=": NEGATIVE | ZERO,
    ">=": ZERO | POSITIVE,
    "==": ZERO,
    "!=": NEGATIVE | POSITIVE,
}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_TESTS = {"IS_ERR": NEGATIVE, "IS_ERR_OR_NULL": NEGATIVE | ZERO, "PTR_ERR_OR_ZERO": NEGATIVE}
_ERROR_POINTERS = frozenset({"ERR_PTR", "ERR_CAST", "PTR_ERR", "PTR_ERR_OR_ZERO"})
_LITERALS = {"NULL": ZERO, "0": ZERO, "0x0": ZERO, "0U": ZERO, "0UL": ZERO, "false": ZERO, "true": POSITIVE}
_NUMBER = re.compile(r"-\s*(?:E[A-Z0-9]{2,}|\d+)|(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*")
_LVALUES = frozenset({"identifier", "field_expression", "subscript_expression", "pointer_expression"})


@dataclass(frozen=True, slots=True)
class Effect:
    """`target` changes; `value` is what it is set to, None when that is not known."""

    target: str
    value: Node | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What a condition says: `variable` is one of `signs` when it is true, and of `otherwise` when it is false."""

    variable: str
    signs: Signs
    otherwise: Signs


def effects(node: Node, data: bytes) -> tuple[Effect, ...]:
    """What a statement or condition changes, in order of the text; of calls, what is passed by `&`."""
    return tuple(_effects(node, data))


def _effects(node: Node, data: bytes) -> Iterator[Effect]:
    for one in walk(node):
        if one.type == "assignment_expression":
            left, right = one.child_by_field_name("left"), one.child_by_field_name("right")
            plain = one.children[1].type == "="
            if left is not None:
                yield Effect(text(left, data), right if plain else None)
        elif one.type == "init_declarator":
            name = declared(one)
            if name is not None:
                yield Effect(text(name, data), one.child_by_field_name("value"))
        elif one.type == "update_expression" or (one.type == "pointer_expression" and one.children[0].type == "&"):
            argument = one.child_by_field_name("argument")
            if argument is not None:
                yield Effect(text(argument, data))


def iterated(node: Node, data: bytes) -> tuple[Effect, ...]:
    """An iterator macro may set every variable among its arguments."""
    return tuple(Effect(text(one, data)) for one in walk(node) if one.type == "identifier")


def claim(node: Node, data: bytes) -> Claim | None:
    """What a bare condition says of one variable, None when it is about something else."""
    node = bare(node)
    if node.type == "assignment_expression":
        left = node.child_by_field_name("left")
        return _truth(text(left, data), NEGATIVE | POSITIVE) if left is not None else None
    if node.type in _LVALUES:
        return _truth(text(node, data), NEGATIVE | POSITIVE)
    if node.type == "call_expression":
        return _tested(node, data)
    if node.type == "binary_expression" and node.children[1].type in _COMPARED_WITH_ZERO:
        return _compared(node.children[0], node.children[1].type, node.children[2], data)
    return None


def _truth(variable: str, signs: Signs) -> Claim:
    return Claim(variable, signs, ANY - signs)


def _tested(call: Node, data: bytes) -> Claim | None:
    signs, passed = _TESTS.get(callee(call, data)), arguments(call)
    if signs is None or len(passed) != 1:
        return None
    return _truth(text(bare(passed[0]), data), signs)


def _compared(left: Node, operator: str, right: Node, data: bytes) -> Claim | None:
    left, right = bare(left), bare(right)
    if text(left, data) in _LITERALS:
        left, right, operator = right, left, _TURNED.get(operator, operator)
    if left.type == "assignment_expression":
        left = left.child_by_field_name("left") or left
    if left.type not in _LVALUES:
        return None
    name, value = text(left, data), signs_of(right, data, {})
    if value == ZERO:
        return _truth(name, _COMPARED_WITH_ZERO[operator])
    if operator == "==" and value != ANY:
        return Claim(name, value, ANY)
    if operator == "!=" and value != ANY:
        return Claim(name, ANY, value)
    return None


def signs_of(node: Node, data: bytes, known: Mapping[str, Signs]) -> Signs:
    """What the value of an expression can be."""
    node = bare(node)
    written = text(node, data)
    if written in known:
        return known[written]
    if written in _LITERALS:
        return _LITERALS[written]
    if _NUMBER.fullmatch(written):
        return NEGATIVE if written.startswith("-") else POSITIVE
    if node.type == "pointer_expression" and written.startswith("&"):
        return POSITIVE
    if node.type == "conditional_expression":
        ends = [node.child_by_field_name(name) for name in ("consequence", "alternative")]
        return frozenset().union(*(signs_of(one, data, known) if one is not None else ANY for one in ends))
    inner = node.child_by_field_name({"cast_expression": "value", "assignment_expression": "right"}.get(node.type, ""))
    if inner is not None:
        return signs_of(inner, data, known)
    return _signs_of_call(node, data, known) if node.type == "call_expression" else ANY


def _signs_of_call(call: Node, data: bytes, known: Mapping[str, Signs]) -> Signs:
    name, passed = callee(call, data), arguments(call)
    if name == "dev_err_probe" and len(passed) > 1:
        return signs_of(passed[1], data, known)
    if not passed or name not in _ERROR_POINTERS:
        return ANY
    inner = signs_of(passed[0], data, known)
    if name != "PTR_ERR_OR_ZERO":
        # Nobody makes an error pointer of what is no error: of an unknown number it is one.
        return NEGATIVE if inner == ANY else (inner - POSITIVE) or NEGATIVE
    return NEGATIVE if inner == NEGATIVE else (inner & NEGATIVE) | ZERO


def mentions(text: str, target: str) -> bool:
    """Whether an expression may change its value when `target` is set: it names its last word."""
    changed = _WORD.findall(re.sub(r"\[.*", "", target)) or _WORD.findall(target)
    return bool(changed) and changed[-1] in _WORD.findall(text)


def is_first_round(condition: Node, data: bytes, known: Mapping[str, Signs]) -> bool:
    """`i < n` with `i` 0 and `n` something: a loop that is not empty begins. Counts are not negative."""
    if condition.type != "binary_expression" or condition.children[1].type not in {"<", "!="}:
        return False
    counter, count = text(condition.children[0], data), text(condition.children[2], data)
    return known.get(counter) == ZERO and Sign.ZERO not in known.get(count, ANY)


def lasting(outcomes: Mapping[str, str], again: str) -> dict[str, str]:
    """Outcomes that the next round of a loop will find as they were: of plain variables that are not part of the
    condition `again` that it goes on by.
    """
    anew = frozenset(_WORD.findall(again))
    return {
        written: taken
        for written, taken in outcomes.items()
        if _PLAIN.fullmatch(written) and anew.isdisjoint(_WORD.findall(written))
    }
