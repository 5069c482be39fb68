"""What an expression of a function is: its type, and of a number its width and sign."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.knowledge import Knowledge
from lrev.evidence.typed import CType, Member, members, variables
from lrev.source.c_nodes import bare, text

_FIXED = re.compile(r"(?:__)?(?P<sign>[us])(?P<bits>8|16|32|64)|(?P<unsigned>u?)int(?P<width>8|16|32|64)_t")
_NAMED = {
    **dict.fromkeys(("char", "signed char"), (8, True)),
    **dict.fromkeys(("unsigned char", "u_char", "bool", "_Bool"), (8, False)),
    **dict.fromkeys(("short", "short int"), (16, True)),
    **dict.fromkeys(("unsigned short", "unsigned short int", "ushort", "u_short", "umode_t"), (16, False)),
    **dict.fromkeys(("int", "signed int", "signed"), (32, True)),
    **dict.fromkeys(("unsigned int", "unsigned", "uint", "u_int", "gfp_t", "fmode_t"), (32, False)),
    **dict.fromkeys(("long long", "long long int", "loff_t", "ktime_t", "time64_t"), (64, True)),
    **dict.fromkeys(("unsigned long long", "unsigned long long int", "sector_t", "blkcnt_t"), (64, False)),
}
_NUMBER = re.compile(r"(?P<digits>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)")
_INT_MAX = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Width:
    """Of a number, the same on every machine; a `long` has none."""

    bits: int
    signed: bool


def width_of(base: str) -> Width | None:
    found = _FIXED.fullmatch(base)
    if found is not None:
        return Width(int(found["bits"] or found["width"]), (found["sign"] or found["unsigned"] or "s") == "s")
    named = _NAMED.get(base)
    return Width(*named) if named is not None else None


class Expressions:
    """Types of one function's expressions; None wherever something of it is not known."""

    def __init__(self, function: Node, data: bytes, knowledge: Knowledge) -> None:
        self._data = data
        self._knowledge = knowledge
        self._variables = variables(function, data)

    def type(self, node: Node) -> CType | None:
        node = bare(node)
        if node.type == "identifier":
            return self._variables.get(text(node, self._data))
        if node.type == "field_expression":
            member = self.member(node)
            return member.type if member is not None and not member.bits else None
        argument = node.child_by_field_name("argument")
        if argument is None:
            return None
        inner = self.type(argument)
        if inner is None:
            return None
        if node.type == "subscript_expression" or (node.type == "pointer_expression" and node.children[0].type == "*"):
            return inner.element()
        if node.type == "pointer_expression" and inner.is_plain:
            return CType(inner.base, 1)
        return None

    def member(self, node: Node) -> Member | None:
        """What a field_expression names."""
        argument, field = node.child_by_field_name("argument"), node.child_by_field_name("field")
        of = self.type(argument) if argument is not None else None
        if of is None or field is None or of.sizes or of.stars != (1 if node.children[1].type == "->" else 0):
            return None
        name = text(field, self._data)
        return next((one for one in self.members(of.base) if one.name == name), None)

    def members(self, base: str) -> tuple[Member, ...]:
        """Of `struct lamp`; () where it is not known, or there are several of the name."""
        kind, _, name = base.partition(" ")
        bodies = self._knowledge.structs(name) if kind == "struct" and name else ()
        return members(bodies[0]) if len(bodies) == 1 else ()

    def width(self, node: Node) -> Width | None:
        """Of a number as it is computed: narrower ones are widened to int (C11 6.3.1)."""
        node = bare(node)
        written = text(node, self._data)
        number = _NUMBER.fullmatch(written)
        if number is not None:
            return _of_constant(number["digits"], number["suffix"].lower())
        if node.type == "cast_expression":
            kind = node.child_by_field_name("type")
            return _promoted(width_of(text(kind, self._data))) if kind is not None else None
        if node.type == "unary_expression" and node.children[0].type in {"~", "-"}:
            return self.width(node.children[1])
        if node.type == "binary_expression":
            return self._of_both(node)
        known = self.type(node)
        return _promoted(width_of(known.base)) if known is not None and known.is_plain else None

    def _of_both(self, node: Node) -> Width | None:
        left, operator, right = node.children[:3]
        one = self.width(left)
        if operator.type in {"<<", ">>"}:
            return one
        other = self.width(right)
        if one is None or other is None or operator.type not in {"+", "-", "*", "/", "%", "&", "|", "^"}:
            return None
        bits = max(one.bits, other.bits)
        return Width(bits, all(width.signed for width in (one, other) if width.bits == bits))


def _promoted(width: Width | None) -> Width | None:
    return Width(32, signed=True) if width is not None and width.bits < 32 else width


def _of_constant(digits: str, suffix: str) -> Width | None:
    octal = digits.startswith("0") and digits.isdigit()
    value = int(digits, 8 if octal else 0)
    if suffix.count("l") == 1:
        return None  # a long
    bits = 64 if "ll" in suffix or value > 0xFFFFFFFF else 32
    return Width(bits, signed="u" not in suffix and (bits == 64 or value <= _INT_MAX))
