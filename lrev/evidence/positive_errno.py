"""An errno without its minus: `return EINVAL` is a success to whoever asks for a negative result."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import bare, walk

NAME = "positive-errno"
MECHANISM = "errno without a minus"

_ERRNO = re.compile(
    r"E(?:PERM|NOENT|INTR|IO|NXIO|BADF|AGAIN|NOMEM|ACCES|FAULT|BUSY|EXIST|NODEV|INVAL|NOSPC|RANGE|NOSYS|PROTO|OVERFLOW|"
    r"OPNOTSUPP|NOTSUPP|TIMEDOUT|ALREADY|INPROGRESS|CANCELED|PROBE_DEFER|NODATA|NOTTY|MSGSIZE)"
)
_CODE = re.compile(r"i?ret|err|error|rc|rv|retval|result")
_NEGATIVE = re.compile(rb"-\s*E[A-Z]{2,}\b|\bPTR_ERR\s*\(|\bIS_ERR\s*\(|\b(?:ret|err|rc)\s*<\s*0\b")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each, in functions that know of negative ones elsewhere: some families count upwards throughout."""
    if not _NEGATIVE.search(image.data):
        return
    for node in walk(image.node):
        value = _value(node, image)
        if value is not None and _ERRNO.fullmatch(image.written(value)):
            name = image.written(value)
            message = f"{name} without a minus is a positive number, which callers do not take for an error."
            yield defect(NAME, MECHANISM, name, (node,), f"positive {name}", "without a minus", message)


def _value(node: Node, image: FunctionImage) -> Node | None:
    """What is returned, or assigned to a variable that holds results."""
    if node.type == "return_statement":
        return bare(node.named_children[0]) if node.named_children else None
    if node.type != "assignment_expression":
        return None
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or not _CODE.fullmatch(image.written(left)):
        return None
    return bare(right)
