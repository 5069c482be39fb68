"""Small questions to a node of a C syntax tree. Text is taken from the file, never from the tree's masked copy."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

NAMES = frozenset({"identifier", "field_identifier", "type_identifier"})


def text(node: Node, data: bytes) -> str:
    """As written, white space folded."""
    return " ".join(data[node.start_byte : node.end_byte].decode("utf-8", "replace").split())


def line(node: Node) -> int:
    return node.start_point.row + 1


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything named below it, in order of the text."""
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(reversed(one.named_children))


def bare(node: Node) -> Node:
    """Out of its parentheses."""
    while node.type == "parenthesized_expression":
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) != 1:
            break
        node = inner[0]
    return node


def declared(declarator: Node | None) -> Node | None:
    """The name inside pointers, arrays, parameter lists and initialisers."""
    node = declarator
    while node is not None and node.type not in NAMES:
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type == "parenthesized_declarator":
            inner = next((child for child in node.named_children if child.type != "comment"), None)
        node = inner
    return node


def callee(call: Node, data: bytes) -> str:
    """The name a call_expression calls, "" for a call through a member or pointer."""
    function = call.child_by_field_name("function")
    return text(function, data) if function is not None and function.type == "identifier" else ""


def arguments(call: Node) -> tuple[Node, ...]:
    """The arguments of a call_expression."""
    node = call.child_by_field_name("arguments")
    return tuple(child for child in node.named_children if child.type != "comment") if node is not None else ()


def assigned(node: Node) -> Node | None:
    """What an assignment_expression or init_declarator sets."""
    return node.child_by_field_name("left") or declared(node)


def target(call: Node) -> Node | None:
    """What the result of a call goes to, casts and parentheses passed over; None where it is not assigned."""
    above = call.parent
    while above is not None and above.type in {"parenthesized_expression", "cast_expression"}:
        above = above.parent
    if above is None or above.type not in {"assignment_expression", "init_declarator"}:
        return None
    return assigned(above)
