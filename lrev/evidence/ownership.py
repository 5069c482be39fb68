"""Whether a statement may give away, keep or free what a variable holds, told from where the variable stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from lrev.evidence.resources import borrows
from lrev.source.c_nodes import arguments, callee, text, walk

# Whether a callee, by name, gives back its argument at a position.
Lends = Callable[[str, int], bool]


_VALUE_FLOWS = frozenset({"parenthesized_expression", "cast_expression", "comma_expression"})
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})
_ENDS = frozenset({"expression_statement", "declaration", "compound_statement"})
_TESTS = frozenset({"if_statement", "while_statement", "do_statement", "switch_statement", "for_statement"})

_MEMBERS = frozenset({"field_expression", "parenthesized_expression", "cast_expression"})
_PLACES = frozenset({"field_expression", "subscript_expression", "pointer_expression"})
# What members are called that are the rest of what they stand in.
_ARRAYS = re.compile(r"data|buf\w*|payload|body|priv\w*|mem|space|name|cb|ctx")


def leaves(node: Node, variable: str, data: bytes, lends: Lends) -> bool:
    """Whether the resource in `variable` may be someone else's after `node`: statements, or a bare condition."""
    if variable.encode() not in data[node.start_byte : node.end_byte]:
        return False
    occurrences = (one for one in walk(node) if one.type == "identifier" and text(one, data) == variable)
    return any(_leaves(one, node, data, lends) for one in occurrences)


def _leaves(occurrence: Node, root: Node, data: bytes, lends: Lends) -> bool:
    """Climbs from the variable to the statement, for as long as its value, or a test of it, goes that way."""
    node, tested = _place(occurrence)
    if node is None:
        return _inside_is_kept(occurrence, data)
    while node != root:
        above = node.parent
        if above is None:
            return True
        if above.type in _ENDS or above.type in _TESTS or (above.type == "declarator" and above.parent == root):
            return False
        if above.type == "argument_list":
            return _passed_on(above, node, data, lends)
        if above.type == "sizeof_expression":
            return False
        if above.type == "unary_expression" or _is_comparison(above):
            tested = True
        elif above.type == "binary_expression" or above.type in _VALUE_FLOWS:
            pass
        elif above.type == "conditional_expression":
            tested = tested or above.child_by_field_name("condition") == node
        else:
            return not _is_declared(above, node)
        node = above
    # The whole of a condition: a test, or a value that is tested.
    return root.type == "return_statement"


def _inside_is_kept(occurrence: Node, data: bytes) -> bool:
    """`port->buffer = lamp->data`, `return lamp->data`: where that is an array in it, its address is kept elsewhere."""
    node = occurrence
    while node.parent is not None and node.parent.type in _MEMBERS:
        node = node.parent
    field, above = node.child_by_field_name("field"), node.parent
    if above is None or field is None or not _ARRAYS.fullmatch(text(field, data)):
        return False
    left = above.child_by_field_name("left") if above.type == "assignment_expression" else None
    return above.type == "return_statement" or (left is not None and left != node and left.type in _PLACES)


def _place(occurrence: Node) -> tuple[Node | None, bool]:
    """Where the value of the variable itself shows: nowhere for `p->x` and `*p`, at the `&` for `&p->x`."""
    node = occurrence
    inside = False
    while (above := node.parent) is not None:
        if above.type in {"field_expression", "subscript_expression"} and above.child_by_field_name("argument") == node:
            inside = True
            node = above
            continue
        if above.type == "pointer_expression":
            if above.children[0].type == "*":
                inside = True
                node = above
                continue
            return above, False
        if inside and above.type == "parenthesized_expression":
            node = above
            continue
        break
    return (None if inside else node), False


def _is_comparison(node: Node) -> bool:
    return node.type == "binary_expression" and node.children[1].type in _COMPARISONS


def _is_declared(above: Node, node: Node) -> bool:
    """`struct lamp *lamp;` names the variable without using it."""
    return above.type in {"pointer_declarator", "declaration"} or (
        above.type == "init_declarator" and above.child_by_field_name("declarator") == node
    )


def _passed_on(passed: Node, value: Node, data: bytes, lends: Lends) -> bool:
    call = passed.parent
    if call is None or call.type != "call_expression":
        return True
    name = callee(call, data)
    return not borrows(name) and not lends(name, arguments(call).index(value))
