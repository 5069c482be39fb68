"""Where sleeping is not allowed: the calls that a path makes with a spin lock held, or reading under RCU."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.defect import FunctionImage
from lrev.evidence.locks import LOCKS, MAY_DROP, Taken
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Path, StepKind
from lrev.types import FactKind

_ATOMIC = frozenset(
    {"spin", "raw_spin", "read", "write", "rcu_read_unlock", "rcu_read_unlock_bh", "rcu_read_unlock_sched"}
)
_BEGINS = re.compile(rb"\b(?:raw_)?(?:spin|read|write)_lock|\brcu_read_lock")
_DROPS = {FactKind.RELEASES, FactKind.LEAVES_UNLOCKED}

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AtomicCall:
    """`call` of `name` at step `position` of a path, with `lock`, taken at step `start`, held."""

    call: Node
    name: str
    position: int
    start: int
    lock: str

    @property
    def shown(self) -> str:
        """The lock in words."""
        return "the RCU read lock" if self.lock.startswith("rcu_") else f"`{self.lock}`"


def may_be_atomic(image: FunctionImage) -> bool:
    return _BEGINS.search(image.data) is not None


def atomic_calls(image: FunctionImage, path: Path) -> Iterator[AtomicCall]:
    """What a callee that may drop a lock leaves held is not known, and counts as nothing."""
    held: dict[_Key, int] = {}
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        for call in walk(step.node):
            name = callee(call, image.data) if call.type == "call_expression" else ""
            if not name:
                continue
            if name in LOCKS:
                _lock(image, held, call, name, position, step.kind is StepKind.CONDITION)
                continue
            if held:
                (family, lock), start = next(iter(held.items()))
                yield AtomicCall(call, name, position, start, lock or family)
            if held and _may_drop(image, name):
                held.clear()


def _lock(image: FunctionImage, held: dict[_Key, int], call: Node, name: str, position: int, tested: bool) -> None:
    lock = LOCKS[name]
    if lock.family not in _ATOMIC:
        return
    passed = arguments(call)
    at = lock.argument
    operand = image.written(bare(passed[at])).lstrip("&").strip("()") if 0 <= at < len(passed) else ""
    key = lock.family, operand
    if lock.taken is Taken.ALWAYS and not tested:
        held.setdefault(key, position)
    elif lock.taken is None and held.pop(key, None) is None:
        held.clear()  # the same lock by another name


def _may_drop(image: FunctionImage, name: str) -> bool:
    return bool(MAY_DROP.search(name)) or any(fact.kind in _DROPS for fact in image.facts(name))
