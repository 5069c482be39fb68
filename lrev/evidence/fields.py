"""The members of structs, by the type they are declared with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from lrev.evidence.defect import FunctionImage
from lrev.source.c_code import parse
from lrev.source.c_nodes import declared, text, walk

_KEPT = 512
_BITS = "bitfield_clause"


def number_types(image: FunctionImage) -> dict[str, str]:
    """`lamp->irq` -> `unsigned int`, for the numbers in the structs that the function's own pointers point to."""
    found: dict[str, str] = {}
    for variable, name in _structs(image):
        bodies = image.knowledge.structs(name)
        for member, kind in _numbers(bodies[0]).items() if len(bodies) == 1 else ():
            found[f"{variable}->{member}"] = kind
    return found


def _structs(image: FunctionImage) -> Iterator[tuple[str, str]]:
    """Pointers to structs among variables and parameters."""
    for node in walk(image.node):
        kind = node.child_by_field_name("type") if node.type in {"declaration", "parameter_declaration"} else None
        name = kind.child_by_field_name("name") if kind is not None and kind.type == "struct_specifier" else None
        for declarator in node.children_by_field_name("declarator") if name is not None else ():
            inner = declarator.child_by_field_name("declarator") if declarator.type == "init_declarator" else declarator
            variable = declared(inner)
            if name is not None and inner is not None and inner.type == "pointer_declarator" and variable is not None:
                yield image.written(variable), image.written(name)


@lru_cache(_KEPT)
def _numbers(data: bytes) -> dict[str, str]:
    """Members of the outermost struct that are no pointers, arrays or bit fields."""
    root = parse(data).root
    outer = next((node for node in walk(root) if node.type == "field_declaration_list"), None)
    found: dict[str, str] = {}
    for node in outer.named_children if outer is not None else ():
        kind = node.child_by_field_name("type") if node.type == "field_declaration" else None
        if kind is not None and not any(child.type == _BITS for child in node.named_children):
            found |= {text(one, data): text(kind, data) for one in _plain(node)}
    return found


def _plain(node: Node) -> Iterator[Node]:
    return (one for one in node.children_by_field_name("declarator") if one.type == "field_identifier")
