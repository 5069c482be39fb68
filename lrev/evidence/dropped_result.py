"""The result of a call that can fail, thrown away where nearly everybody else looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import callee, line, walk
from lrev.types import FactKind

NAME = "dropped-result"
MECHANISM = "result of a fallible call dropped"

# Of so many calls that were looked at, this share does something with the result.
_LEAST_CALLS = 12
_LEAST_SHARE = 0.95


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each callee; only calls on lines that the patch added, for their callers are looked up one by one."""
    seen: set[str] = set()
    for node in walk(image.node):
        if node.type != "expression_statement" or not node.named_children:
            continue
        call = node.named_children[0]
        name = callee(call, image.data) if call.type == "call_expression" else ""
        if not name or name in seen or line(node) + image.first_line - 1 not in image.changed:
            continue
        seen.add(name)
        if any(fact.kind is FactKind.RETURNS_ERRNO for fact in image.facts(name)):
            yield from _judged(image, node, name)


def _judged(image: FunctionImage, node: Node, name: str) -> Iterator[Defect]:
    used, of = image.knowledge.results_used(name)
    if of >= _LEAST_CALLS and used >= _LEAST_SHARE * of:
        message = f"{name}() can fail, and its result is not looked at; of {of} other calls {used} do."
        rests = (f"{used} of {of} callers use the result of {name}()",)
        found = defect(NAME, MECHANISM, name, (node,), f"calls {name}()", "its result is dropped", message)
        yield replace(found, rests_on=rests)
