"""A number from user space that indexes an array, or measures a copy into one, before anything has compared it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions, width_of
from lrev.evidence.plain import defect
from lrev.source.c_nodes import arguments, bare, callee, walk

NAME = "unbounded"
INDEX = "index from user space not bounded"
LENGTH = "length from user space not bounded"

_FILLS = frozenset({"copy_from_user", "__copy_from_user"})
_READS = frozenset({"get_user", "__get_user"})
# Position of where a copy goes to, and of its length.
_COPIES = {
    **dict.fromkeys(("memcpy", "memmove", "copy_from_user", "__copy_from_user", "memset"), (0, 2)),
    **dict.fromkeys(("copy_from_iter",), (0, 1)),
}
_NUMBER = re.compile(r"[1-9]\d*")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each place; whatever was named in a condition or given to a callee in between may have been bounded."""
    sources = dict(_sources(image))
    if not sources:
        return
    expressions = image.expressions
    for node in walk(image.node):
        if node.type == "subscript_expression":
            index, base = node.child_by_field_name("index"), node.child_by_field_name("argument")
            if index is not None and base is not None:
                yield from _used(image, expressions, sources, node, index, base, INDEX)
        elif node.type == "call_expression" and callee(node, image.data) in _COPIES:
            to, length = _COPIES[callee(node, image.data)]
            passed = arguments(node)
            if len(passed) > max(to, length):
                yield from _used(image, expressions, sources, node, passed[length], bare(passed[to]), LENGTH)


def _sources(image: FunctionImage) -> Iterator[tuple[str, Node]]:
    """Variables of the function that user space fills, with the call that does."""
    for call in walk(image.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        passed = arguments(call)
        if name in _FILLS and len(passed) == 3 and image.written(passed[0]).startswith("&"):
            yield image.written(passed[0]).lstrip("&").strip("()"), call
        elif name in _READS and len(passed) == 2:
            yield image.written(passed[0]), call


def _used(
    image: FunctionImage,
    expressions: Expressions,
    sources: dict[str, Node],
    node: Node,
    number: Node,
    array: Node,
    mechanism: str,
) -> Iterator[Defect]:
    shown = image.written(bare(number))
    source = sources.get(shown) or sources.get(shown.partition(".")[0])
    kind = expressions.type(array)
    if source is None or source.end_byte > node.start_byte or kind is None or not kind.sizes:
        return
    if _holds_all(expressions, number, kind.sizes[0]) or _looked_at(image, shown, source, node):
        return
    what = "indexes" if mechanism == INDEX else "is how much goes into"
    message = f"`{shown}` comes from user space and {what} `{image.written(array)}` here, and nothing has bounded it."
    origin = f"user space sets `{shown}`"
    yield defect(NAME, mechanism, shown, (source, node), origin, "used as it came", message)


def _holds_all(expressions: Expressions, number: Node, size: str) -> bool:
    """Whether the array is as large as the number can be; a size that is not written as a number may be."""
    kind = expressions.type(number)
    width = width_of(kind.base) if kind is not None and kind.is_plain else None
    narrow = width is None or width.bits < 32
    return narrow and not (width is not None and _NUMBER.fullmatch(size) and int(size) < 2**width.bits)


def _looked_at(image: FunctionImage, shown: str, source: Node, use: Node) -> bool:
    """Whether anything names it, or the whole that it is a part of, between the two."""
    between = image.data[source.end_byte : use.start_byte].decode("utf-8", "replace")
    whole = shown.partition(".")[0]
    return (
        re.search(rf"(?<![\w.>]){re.escape(shown)}\b|&\s*{re.escape(whole)}\b|\b{re.escape(whole)}\s*=", between)
        is not None
    )
