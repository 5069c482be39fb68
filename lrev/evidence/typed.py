"""The types of expressions, as far as the function's declarations and the structs of the index tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from tree_sitter import Node

from lrev.source.c_code import parse
from lrev.source.c_nodes import declared, text, walk

_KEPT_STRUCTS = 512
_QUALIFIERS = re.compile(r"\b(?:const|volatile|static|register|__user|__iomem|__rcu|__percpu|__force)\b")
_AGGREGATES = ("struct_specifier", "union_specifier")


@dataclass(frozen=True, slots=True)
class CType:
    """`base` without qualifiers (`u32`, `struct lamp`), `stars` pointers to it, then arrays of `sizes` as written."""

    base: str
    stars: int = 0
    sizes: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Neither pointer nor array."""
        return not self.stars and not self.sizes

    def element(self) -> CType | None:
        """What `*x` or `x[0]` is."""
        if self.sizes:
            return replace(self, sizes=self.sizes[1:])
        return replace(self, stars=self.stars - 1) if self.stars else None


@dataclass(frozen=True, slots=True)
class Member:
    """`bits` of a bit field, 0 for others."""

    name: str
    type: CType
    bits: int = 0


def variables(function: Node, data: bytes) -> dict[str, CType]:
    """Parameters and locals; a name that is declared twice with different types is left out."""
    found: dict[str, CType | None] = {}
    for node in walk(function):
        if node.type in {"declaration", "parameter_declaration"}:
            for name, one in _declared(node, data):
                found[name] = one if found.get(name, one) == one else None
    return {name: one for name, one in found.items() if one is not None}


@lru_cache(_KEPT_STRUCTS)
def members(data: bytes) -> tuple[Member, ...]:
    """Of the outermost struct or union of a definition, in order, those of anonymous ones inside among them.

    () where a part of it was not read.
    """
    root = parse(data).root
    outer = next((node for node in walk(root) if node.type == "field_declaration_list"), None)
    if outer is None or root.has_error:
        return ()
    return tuple(_members(outer, data))


def _members(listed: Node, data: bytes) -> Iterator[Member]:
    for node in listed.named_children:
        kind = node.child_by_field_name("type") if node.type == "field_declaration" else None
        if kind is None:
            continue
        declarators = node.children_by_field_name("declarator")
        body = kind.child_by_field_name("body") if kind.type in _AGGREGATES else None
        if body is not None and not declarators:
            yield from _members(body, data)
            continue
        base = "" if body is not None else _base(kind, data)
        clause = next((one for one in node.named_children if one.type == "bitfield_clause"), None)
        bits = text(clause, data).lstrip(": ") if clause is not None else "0"
        for declarator in declarators:
            name = declared(declarator)
            if name is not None:
                member = _shaped(declarator, base, data)
                yield Member(text(name, data), member, int(bits) if bits.isdigit() else -1)


def _declared(node: Node, data: bytes) -> Iterator[tuple[str, CType]]:
    kind = node.child_by_field_name("type")
    for declarator in node.children_by_field_name("declarator") if kind is not None else ():
        name = declared(declarator)
        if name is not None and kind is not None and name.type in {"identifier", "field_identifier"}:
            yield text(name, data), _shaped(declarator, _base(kind, data), data)


def _base(kind: Node, data: bytes) -> str:
    name = kind.child_by_field_name("name") if kind.type in (*_AGGREGATES, "enum_specifier") else None
    if name is not None:
        return f"{kind.type.removesuffix('_specifier')} {text(name, data)}"
    return " ".join(_QUALIFIERS.sub("", text(kind, data)).split())


def _shaped(declarator: Node, base: str, data: bytes) -> CType:
    """Pointers nearest to the base, then arrays; a function or a pointer to one has no base that is known."""
    node: Node | None = declarator
    stars = 0
    sizes: list[str] = []
    while node is not None and node.type not in {"identifier", "field_identifier"}:
        if node.type == "pointer_declarator":
            stars += 1
        elif node.type == "array_declarator":
            size = node.child_by_field_name("size")
            sizes.insert(0, text(size, data) if size is not None else "")
        elif node.type != "init_declarator":
            return CType("", 1)
        node = node.child_by_field_name("declarator")
    return CType(base, stars, tuple(sizes))
