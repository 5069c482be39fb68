"""Numbers of unequal width: an inverted 32-bit mask that clears the upper half, and values a narrow type never has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions, Width, width_of
from lrev.evidence.plain import defect
from lrev.source.c_nodes import NAMES, bare, walk

NAME = "integer-width"
MASKED = "upper half cleared by a narrow mask"
NEVER = "compared with a value that it never has"

_TOUCHES = re.compile(rb"&\s*=?\s*~|[=!]=")
_ERRNO = re.compile(r"-\s*(?:E[A-Z0-9]{2,}|\d+)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each expression; whatever has a type that is not known is left alone."""
    if not _TOUCHES.search(image.data):
        return
    expressions = image.expressions
    for node in walk(image.node):
        if node.type in {"binary_expression", "assignment_expression"}:
            operator = node.children[1].type
            if operator in {"&", "&="}:
                yield from _masked(image, expressions, node)
            elif operator in {"==", "!="}:
                yield from _never(image, expressions, node)


def _masked(image: FunctionImage, expressions: Expressions, node: Node) -> Iterator[Defect]:
    """`x64 & ~y32` where y32 is unsigned: a signed one is extended with its sign, which leaves the upper half alone."""
    value, mask = bare(node.children[0]), bare(node.children[2])
    wide, narrow = expressions.width(value), expressions.width(mask)
    inverted = mask.type == "unary_expression" and mask.children[0].type == "~"
    inverted = inverted and any(one.type in NAMES for one in walk(mask))  # `~0U` is meant as it stands
    if inverted and wide is not None and wide.bits == 64 and narrow == Width(32, signed=False):
        name = image.written(value)
        message = (
            f"`{image.written(mask)}` has 32 bits and `{name}` has 64: besides what is meant this clears the upper "
            "half; the mask has to be widened before it is inverted."
        )
        yield defect(NAME, MASKED, name, (node,), "clears the upper half", "clears the upper half", message)


def _never(image: FunctionImage, expressions: Expressions, node: Node) -> Iterator[Defect]:
    """A variable of 8 or 16 unsigned bits is never a negative number: it is widened without its sign."""
    for value, other in ((node.children[0], node.children[2]), (node.children[2], node.children[0])):
        kind = expressions.type(value)
        width = width_of(kind.base) if kind is not None and kind.is_plain else None
        if width is None or width.signed or width.bits > 16 or not _ERRNO.fullmatch(image.written(bare(other))):
            continue
        name, never = image.written(bare(value)), image.written(bare(other))
        assert kind is not None
        message = f"`{name}` is {kind.base}, which is never {never}: this is always {_outcome(node)}."
        yield defect(NAME, NEVER, name, (node,), f"`{name}` is {kind.base}", f"always {_outcome(node)}", message)


def _outcome(node: Node) -> str:
    return "false" if node.children[1].type == "==" else "true"
