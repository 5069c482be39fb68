"""Where a pointer is followed, and not only computed with."""

from __future__ import annotations

from tree_sitter import Node

from lrev.source.c_nodes import callee, text

# Macros that look at the type of their argument only.
_NOT_RUN = frozenset({"typeof", "__typeof__", "offsetof", "sizeof_field", "ARRAY_SIZE", "FIELD_SIZEOF", "container_of"})


def follows(node: Node, variable: str, data: bytes) -> bool:
    """Whether `variable->`, `*variable` or `variable[` stands in a node, where sizeof does not keep it from running."""
    if node.type in {"sizeof_expression", "binary_expression", "conditional_expression"}:
        return False  # `p && p->on` asks before it looks
    if node.type == "call_expression" and callee(node, data) in _NOT_RUN:
        return False
    operand = node.child_by_field_name("argument")
    is_look = node.type == "field_expression" and text(node, data).startswith(f"{variable}->")
    is_look = is_look or (node.type == "subscript_expression" and text(node, data).startswith(f"{variable}["))
    is_star = node.type == "pointer_expression" and data[node.start_byte : node.start_byte + 1] == b"*"
    if is_look or (is_star and operand is not None and text(operand, data) == variable):
        return not _is_address(node)
    return any(follows(child, variable, data) for child in node.named_children)


def _is_address(node: Node) -> bool:
    """`&p->member` only computes an address."""
    above = node.parent
    while above is not None and above.type in {"field_expression", "parenthesized_expression", "subscript_expression"}:
        above = above.parent
    return above is not None and above.type == "pointer_expression" and above.children[0].type == "&"
