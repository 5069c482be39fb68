"""A variable narrower than a long, read as a bitmap of longs: the bits behind it are read, or the wrong half of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import bare, declared, walk

NAME = "narrow-bitmap"
MECHANISM = "narrow variable read as a bitmap"

_LONGS = re.compile(r"(?:const )?(?:volatile )?(?:unsigned )?long(?: unsigned)?(?: int)? \*")
_NARROW = re.compile(
    r"(?:__)?(?:u|s|le|be)(?:8|16|32)|u?int(?:8|16|32)_t|(?:unsigned |signed )?(?:int|short|char)|unsigned"
)


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each cast of the address of a local number."""
    casts = [node for node in walk(image.node) if node.type == "cast_expression"]
    narrow = dict(_narrow(image)) if casts else {}
    for cast in casts:
        kind, value = cast.child_by_field_name("type"), cast.child_by_field_name("value")
        name = image.written(bare(value)).removeprefix("&").strip("() ") if value is not None else ""
        if kind is not None and _LONGS.fullmatch(image.written(kind)) and name in narrow and _is_address(value):
            yield _defect(image, cast, name, narrow[name])


def _defect(image: FunctionImage, cast: Node, name: str, declaration: Node) -> Defect:
    kind = image.written(declaration).split(name)[0].strip()
    message = (
        f"`{name}` is {kind} and is read here as a long: on 64-bit machines what lies behind it is read too, "
        "and on big-endian ones the wrong half."
    )
    return defect(NAME, MECHANISM, name, (declaration, cast), f"declares `{name}`", "read as a long here", message)


def _is_address(value: Node | None) -> bool:
    node = bare(value) if value is not None else None
    return node is not None and node.type == "pointer_expression" and node.children[0].type == "&"


def _narrow(image: FunctionImage) -> Iterator[tuple[str, Node]]:
    for node in walk(image.node):
        kind = node.child_by_field_name("type") if node.type == "declaration" else None
        if kind is None or not _NARROW.fullmatch(image.written(kind)):
            continue
        for declarator in node.children_by_field_name("declarator"):
            plain = declarator.child_by_field_name("declarator") if declarator.type == "init_declarator" else declarator
            name = declared(plain)
            if plain is not None and plain.type == "identifier" and name is not None:
                yield image.written(name), node
