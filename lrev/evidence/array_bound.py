"""An index that may equal the size of its array: `i > ARRAY_SIZE(a)` lets `a[ARRAY_SIZE(a)]` through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import bare, walk

NAME = "array-bound"
MECHANISM = "index may equal the array's size"

_SIZE = re.compile(r"ARRAY_SIZE\s*\(\s*(.+?)\s*\)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each test that lets the size itself pass, where the same function uses what it tested as an index."""
    if b"ARRAY_SIZE" not in image.data:
        return
    for node in walk(image.node):
        found = _test(node, image) if node.type == "binary_expression" else None
        if found is None:
            continue
        index, array = found
        use = _use(image, index, array, node.end_byte)
        if use is not None:
            message = (
                f"`{index}` may be ARRAY_SIZE({array}) after this test, one more than the last index of `{array}`: "
                "the comparison should be `>=`."
            )
            yield defect(NAME, MECHANISM, index, (node,), "lets the size pass", "lets the size pass", message)


def _test(node: Node, image: FunctionImage) -> tuple[str, str] | None:
    """(index, array) of `index > ARRAY_SIZE(array)`, either way round, where it leads out of the function."""
    left, operator, right = bare(node.children[0]), node.children[1].type, bare(node.children[2])
    if operator == "<":
        left, right = right, left
    elif operator != ">":
        return None
    size = _SIZE.fullmatch(image.written(right))
    index = image.written(left)
    if size is None or not _is_bound(node, index, image):
        return None
    return index, size[1]


def _is_bound(node: Node, index: str, image: FunctionImage) -> bool:
    """Whether the branch of the test leaves, or brings the index back."""
    above = node.parent
    while above is not None and above.type.endswith(("expression", "argument_list")):
        above = above.parent
    if above is None or above.type != "if_statement":
        return False
    branch = above.child_by_field_name("consequence")
    written = image.written(branch) if branch is not None else ""
    return re.search(rf"\b(?:return|goto|break|continue)\b|(?<![\w.>]){re.escape(index)} = ", written) is not None


def _use(image: FunctionImage, index: str, array: str, after: int) -> Node | None:
    """Where the array is subscripted with the index, behind the test."""
    for node in walk(image.node):
        if node.type != "subscript_expression" or node.start_byte < after:
            continue
        base, place = node.child_by_field_name("argument"), node.child_by_field_name("index")
        same = base is not None and image.written(base) == array
        if same and place is not None and image.written(bare(place)) == index:
            return node
    return None
