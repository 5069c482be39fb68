"""Freed at once what readers under rcu_read_lock() may still look at: taken off a list or out of a pointer before.

Documentation/RCU/whatisRCU.rst: removal and reclamation; a grace period has to pass between the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.places import root, sets
from lrev.evidence.resources import freed_argument
from lrev.source.c_nodes import arguments, bare, callee, target, walk
from lrev.source.control_flow import Path, Step

NAME = "freed-under-readers"
MECHANISM = "freed without a grace period"

_REMOVES = re.compile(r"(?:list|hlist|hlist_nulls|hlist_bl)_del(?:_init)?_rcu")
_REPLACES = frozenset({"rcu_assign_pointer", "RCU_INIT_POINTER", "rcu_replace_pointer"})
_READS = re.compile(r"rcu_dereference\w*|rcu_access_pointer")
# Whatever may wait for the readers, or for all that could become one.
_WAITS = re.compile(r"synchronize|rcu_barrier|call_rcu|kfree_rcu|grace|quiesce|wait_for|wait_rcu|_sync$")
_ANY = re.compile(rb"_del(?:_init)?_rcu|rcu_assign_pointer|RCU_INIT_POINTER|rcu_replace_pointer")


@dataclass(slots=True)
class _Removed:
    """`at`: variable -> the step that removed what it holds, and how. `read`: pointer -> who has its value."""

    at: dict[str, tuple[int, str]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and object."""
    if not _ANY.search(image.data) or b"free" not in image.data:
        return
    for path in image.paths:
        yield from _follow(image, path)


def _follow(image: FunctionImage, path: Path) -> Iterator[Defect]:
    removed = _Removed()
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        for call in walk(step.node):
            name = callee(call, image.data) if call.type == "call_expression" else ""
            if _WAITS.search(name):
                removed.at.clear()
            freed = _freed(image, call, name)
            if freed in removed.at:
                yield _defect(image, path[: position + 1], *removed.at.pop(freed), freed, name)
            _remove(image, removed, call, name, position)
        _forget(image, step, removed, position)


def _freed(image: FunctionImage, call: Node, name: str) -> str:
    at = freed_argument(name, image.facts) if name else -1
    passed = arguments(call)
    return image.written(bare(passed[at])) if 0 <= at < len(passed) else ""


def _remove(image: FunctionImage, removed: _Removed, call: Node, name: str, position: int) -> None:
    passed = [image.written(bare(one)) for one in arguments(call)]
    if _REMOVES.fullmatch(name) and passed:
        variable = root(passed[0].lstrip("&").strip("()"))
        if variable in image.locals and "->" in passed[0]:
            removed.at[variable] = position, f"{name}() takes it off a list that is read under RCU"
    elif name in _REPLACES and passed:
        old = removed.read.pop(passed[0], "")
        if old:
            removed.at[old] = position, f"{name}() takes it out of `{passed[0]}`"
    elif _READS.fullmatch(name) and passed:
        taker = target(call)
        if taker is not None and taker.type == "identifier":
            removed.read[passed[0]] = image.written(taker)


def _forget(image: FunctionImage, step: Step, removed: _Removed, position: int) -> None:
    for variable in [one for one, (at, _) in removed.at.items() if at != position and sets(image, step, one)]:
        del removed.at[variable]


def _defect(image: FunctionImage, path: Path, start: int, how: str, variable: str, frees: str) -> Defect:
    line = image.line(path[start])
    message = f"{how} at line {line}, and {frees}() frees it here: a reader may still look at it."
    return Defect(NAME, MECHANISM, variable, path, start, f"removes `{variable}`", message, ending="freed here")
