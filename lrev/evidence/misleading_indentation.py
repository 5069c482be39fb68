"""A statement that is indented as if a condition or loop above it governed it, and is not governed by it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import walk

NAME = "misleading-indentation"
MECHANISM = "indented as if it were governed"

_GOVERNING = {"if_statement": "consequence", "while_statement": "body", "for_statement": "body", "else_clause": ""}


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each statement; lines that directives stand between are left alone."""
    for node in walk(image.node):
        if node.type in _GOVERNING:
            body, following = _body(node), _following(node)
            if body is not None and following is not None and _misleads(image, node, body, following):
                yield _defect(image, node, body, following)


def _defect(image: FunctionImage, node: Node, body: Node, following: Node) -> Defect:
    word = "else" if node.type == "else_clause" else node.type.removesuffix("_statement")
    message = f"this is indented like the line above it, but the `{word}` governs only that one; braces are missing."
    subject = image.written(following)[:60]
    return defect(NAME, MECHANISM, subject, (body, following), f"governed by the `{word}`", "not governed", message)


def _body(node: Node) -> Node | None:
    """A body without braces."""
    if node.type == "else_clause":
        inner = [one for one in node.named_children if one.type != "comment"]
        body = inner[-1] if inner else None
        return None if body is None or body.type in {"compound_statement", "if_statement"} else body
    if node.child_by_field_name("alternative") is not None:
        return None
    body = node.child_by_field_name(_GOVERNING[node.type])
    return None if body is None or body.type == "compound_statement" else body


def _following(node: Node) -> Node | None:
    """The statement behind, of an else the one behind its if."""
    one: Node | None = node.parent if node.type == "else_clause" else node
    one = one.next_named_sibling if one is not None else None
    while one is not None and one.type == "comment":
        one = one.next_named_sibling
    return one if one is not None and one.type == "expression_statement" else None


def _misleads(image: FunctionImage, node: Node, body: Node, following: Node) -> bool:
    inner, behind, outer = (_indent(image, one) for one in (body, following, node))
    if inner is None or outer is None or inner != behind or len(inner) <= len(outer):
        return False
    return b"#" not in image.data[node.start_byte : following.start_byte]


def _indent(image: FunctionImage, node: Node) -> bytes | None:
    """The blanks before a node that begins its line; None for one that does not. An else may follow its brace."""
    before = image.data[: node.start_byte].rpartition(b"\n")[2]
    if node.type == "else_clause":
        before = before.replace(b"}", b" ").rstrip(b" ")
    return before if not before.strip() else None
