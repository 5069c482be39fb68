"""Numbers of a fixed byte order: converted as if they had the other, stored in the other, or reckoned with as they are.

The types are those of include/uapi/linux/types.h; sparse says the same of a tree that is configured to be checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions
from lrev.evidence.plain import defect
from lrev.source.c_nodes import arguments, bare, callee, target, walk

NAME = "byte-order"
CONVERTED = "byte order taken for another"
RECKONED = "number reckoned with in a foreign byte order"

_ORDERED = re.compile(r"__(?P<order>[lb]e)(?P<bits>16|32|64)")
_TO_CPU = re.compile(r"(?P<order>[lb]e)(?P<bits>16|32|64)_to_cpu(?P<pointer>p?)")
_FROM_CPU = re.compile(r"cpu_to_(?P<order>[lb]e)(?P<bits>16|32|64)")
_NETWORK = {"ntohs": "__be16", "ntohl": "__be32"}
_TO_NETWORK = {"htons": "__be16", "htonl": "__be32"}
_RECKONS = frozenset({"<", ">", "<=", ">=", "+", "-", "*", "/", "%", "<<", ">>"})
_NAMES = {"__le": "little-endian", "__be": "big-endian"}


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each conversion or expression; what is declared as a plain number is left alone.

    Variables are reckoned with in whatever order they were given, often under a type that is not theirs; what stands
    in memory has the order that it was declared with.
    """
    expressions = image.expressions
    for node in walk(image.node):
        if node.type == "call_expression":
            yield from _converted(image, expressions, node)
        elif node.type == "binary_expression" and node.children[1].type in _RECKONS:
            yield from _reckoned(image, expressions, node)


def _converted(image: FunctionImage, expressions: Expressions, call: Node) -> Iterator[Defect]:
    name = callee(call, image.data)
    read, made = _read_as(name), _made(name)
    passed = arguments(call)
    if read and len(passed) == 1:
        pointer = name.endswith("p")
        given = _ordered(expressions, passed[0], stars=int(pointer))
        if given and given != read:
            shown = image.written(passed[0])
            message = f"`{shown}` is {given}, and {name}() reads {read}."
            yield defect(NAME, CONVERTED, shown, (call,), f"{name}()", "converted here", message)
    taker = target(call) if made else None
    kept = _ordered(expressions, taker) if taker is not None else ""
    if taker is not None and kept and kept != made:
        shown = image.written(taker)
        message = f"{name}() gives {made}, and `{shown}` is {kept}."
        yield defect(NAME, CONVERTED, shown, (call,), f"{name}()", "stored here", message)


def _reckoned(image: FunctionImage, expressions: Expressions, node: Node) -> Iterator[Defect]:
    left, operator, right = node.children[:3]
    for value, other in ((left, right), (right, left)):
        kind = _ordered(expressions, value) if bare(value).type != "identifier" else ""
        if not kind or image.written(bare(other)) == "0":
            continue
        shown = image.written(bare(value))
        foreign = _NAMES[kind[:4]]
        message = f"`{shown}` is {kind}: `{operator.type}` works on the {foreign} bytes as they are, not on the number."
        yield defect(NAME, RECKONED, shown, (node,), f"`{shown}` is {kind}", "not converted", message)
        return


def _read_as(name: str) -> str:
    found = _TO_CPU.fullmatch(name)
    return f"__{found['order']}{found['bits']}" if found is not None else _NETWORK.get(name, "")


def _made(name: str) -> str:
    found = _FROM_CPU.fullmatch(name)
    return f"__{found['order']}{found['bits']}" if found is not None else _TO_NETWORK.get(name, "")


def _ordered(expressions: Expressions, node: Node, stars: int = 0) -> str:
    """`__le32`, "" for what has no byte order of its own."""
    kind = expressions.type(node)
    if kind is None or kind.sizes or kind.stars != stars:
        return ""
    return kind.base if _ORDERED.fullmatch(kind.base) else ""
