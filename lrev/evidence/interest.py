"""What of a function the checks look at: the steps that name a lock or a resource, or may undo or hand over one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from lrev.evidence.locks import MAY_DROP, lock_of
from lrev.evidence.resources import MANAGED, UNDOING, WALKS, freed_argument
from lrev.source.c_nodes import arguments, callee, target, text, walk
from lrev.types import FactKind

if TYPE_CHECKING:
    from lrev.evidence.defect import FunctionImage

_WORD = re.compile(rb"\w+")
# `ops->stop(lamp)` and `(*stop)(lamp)`: a callee without a name may do anything.
_NAMELESS_CALL = re.compile(rb"(?:->|\.)\s*\w+\s*\(|\)\s*\(")


class Relevance:
    """Whether a step can change what a check says of a path."""

    def __init__(self, image: FunctionImage) -> None:
        self._image = image
        self._words = frozenset(_words(image))
        self._releasing: dict[str, bool] = {}

    def __call__(self, node: Node) -> bool:
        if node.type == "compound_statement":
            return False
        written = self._image.data[node.start_byte : node.end_byte]
        if not self._words.isdisjoint(_WORD.findall(written)) or _NAMELESS_CALL.search(written):
            return True
        calls = (callee(one, self._image.data) for one in walk(node) if one.type == "call_expression")
        return any(self._may_undo(name) for name in calls if name)

    def _may_undo(self, name: str) -> bool:
        if name not in self._releasing:
            released = any(fact.kind is FactKind.RELEASES for fact in self._image.facts(name))
            self._releasing[name] = released or bool(MAY_DROP.search(name) or UNDOING.search(name))
        return self._releasing[name]


def _words(image: FunctionImage) -> Iterator[bytes]:
    """Callees that take or allocate, the last words of what they take, and of what their results go to."""
    for macro, (at, _) in WALKS.items():
        for passed in re.findall(rb"\b%s\s*\(([^;{]*)" % macro.encode(), image.data):
            yield from _WORD.findall(passed.split(b",")[at])[:1] if passed.count(b",") >= at else ()
    for call in walk(image.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        lock = lock_of(name, image.facts) if name else None
        allocator = image.allocator(name)
        freed = freed_argument(name, image.facts) if name else -1
        if freed >= 0:
            yield from _freed(image, call, name, freed)
        undone_by = image.knowledge.released_by(name) if name else ""
        if undone_by and undone_by.encode() in image.data:
            yield name.encode()
        if lock is None and allocator is None and name not in MANAGED:
            continue
        yield name.encode()
        at = lock.argument if lock is not None else allocator.argument if allocator is not None else -1
        passed = arguments(call)
        if 0 <= at < len(passed):
            yield from _WORD.findall(text(passed[at], image.data).encode())[-1:]
        taker = target(call)
        if taker is not None:
            yield from _WORD.findall(text(taker, image.data).encode())[-1:]


def _freed(image: FunctionImage, call: Node, name: str, at: int) -> Iterator[bytes]:
    yield name.encode()
    passed = arguments(call)
    yield from _WORD.findall(text(passed[at], image.data).encode())[-1:] if at < len(passed) else ()
