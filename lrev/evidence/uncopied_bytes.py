"""The result of a user copy returned as it is: a number of bytes left over, and no errno."""

from __future__ import annotations

from collections.abc import Iterator

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import bare, callee, walk

NAME = "uncopied-bytes"
MECHANISM = "bytes left over returned as a result"

_COPIES = frozenset({"copy_to_user", "copy_from_user", "__copy_to_user", "__copy_from_user", "clear_user"})


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each copy, in functions that return an errno: a copy helper may hand on what is left."""
    if b"_user" not in image.data or b"-E" not in image.data:
        return
    for node in walk(image.node):
        if node.type != "return_statement" or not node.named_children:
            continue
        value = bare(node.named_children[0])
        name = callee(value, image.data) if value.type == "call_expression" else ""
        if name in _COPIES:
            message = (
                f"{name}() returns how many bytes it could not copy; returned as it is, that is no error code "
                "(-EFAULT is)."
            )
            yield defect(NAME, MECHANISM, name, (node,), f"{name}() fails", "returned as it is", message)
