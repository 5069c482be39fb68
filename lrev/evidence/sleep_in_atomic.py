"""A call that may sleep where sleeping is not allowed: with a spin lock held, or reading under RCU."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.locks import LOCKS, MAY_DROP, Taken
from lrev.evidence.resources import ALLOCATORS
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Path, StepKind
from lrev.types import Fact, FactKind

NAME = "sleep-in-atomic"
MECHANISM = "sleeping call in atomic context"

_ATOMIC = frozenset(
    {"spin", "raw_spin", "read", "write", "rcu_read_unlock", "rcu_read_unlock_bh", "rcu_read_unlock_sched"}
)
_BEGINS = re.compile(rb"\b(?:raw_)?(?:spin|read|write)_lock|\brcu_read_lock")
_BLOCKING = re.compile(r"\bGFP_(?:KERNEL|NOIO|NOFS|USER|HIGHUSER)\w*")
# Inline in every configuration, and so exported nowhere.
_SLEEPERS = frozenset({"usleep_range", "msleep", "mutex_lock", "might_sleep", "schedule", "ssleep", "fsleep"})
_DROPS = {FactKind.RELEASES, FactKind.LEAVES_UNLOCKED}

_Key = tuple[str, str]


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each call and path; what a callee is only said to do on some paths is not held against it."""
    if not _BEGINS.search(image.data):
        return
    for path in image.paths:
        yield from _asleep(image, path)


def _asleep(image: FunctionImage, path: Path) -> Iterator[Defect]:
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
            why = _sleeps(image, call, name) if held else ""
            if why:
                (family, lock), start = next(iter(held.items()))
                yield _defect(image, path[: position + 1], start, name, lock or family, why)
            if held and _may_drop(image, name):
                held.clear()


def _defect(image: FunctionImage, path: Path, start: int, name: str, lock: str, why: str) -> Defect:
    line = image.line(path[start])
    shown = "the RCU read lock" if lock.startswith("rcu_") else f"`{lock}`"
    message = f"{name}() may sleep ({why}), and {shown}, taken at line {line}, is held here."
    return Defect(NAME, MECHANISM, f"{name} {lock}", path, start, f"takes {shown}", message, (why,), "sleeps here")


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


def _sleeps(image: FunctionImage, call: Node, name: str) -> str:
    """Why the call may sleep whatever happens, "" when that is not known of it."""
    passed = [image.written(one) for one in arguments(call)]
    if name in ALLOCATORS:
        flags = next((one for one in passed if _BLOCKING.search(one)), "")
        return f"it is given {flags}" if flags else ""
    facts = image.facts(name)
    # One name may be many static functions: only of an exported one is it sure which is meant.
    if name not in _SLEEPERS and not any(fact.kind is FactKind.EXPORTED for fact in facts):
        return ""
    sleeps = [fact for fact in facts if fact.kind is FactKind.MAY_SLEEP and not fact.condition]
    if name in _SLEEPERS and not facts:
        return "always"
    return _because(sleeps[0]) if sleeps else ""


def _because(fact: Fact) -> str:
    return f"{fact.detail}, line {fact.line} of it" if fact.detail else "as its body shows"
