"""A lock that is dropped on some ways out of a function and still held on another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage, is_error, returned
from lrev.evidence.locks import MAY_DROP, Lock, Taken, lock_of
from lrev.source.c_nodes import arguments, bare, callee, declared, walk
from lrev.source.control_flow import Path, Step, StepKind
from lrev.source.flow_values import ZERO, Sign, Signs
from lrev.types import FactKind

NAME = "lock-on-return"
MECHANISM = "lock held on return"
STRAY = "unlock without lock"

# Functions that take or drop a lock for their caller say so in their names or annotations.
_FOR_THE_CALLER = re.compile(
    r"(?:^|_)(?:(?:un|try|re)?lock(?:ed)?(?:_|$|\d)|(?:start|begin|enter|acquire|get|grab|hold|stop|end)$)"
)
_ANNOTATED = re.compile(rb"\b__(?:acquires?|releases?|must_hold|cond_acquires|cond_lock)\b")

_UNLOCKS = re.compile(rb"unlock|\bup(?:_\w+)?\s*\(|release_sock")

Key = tuple[str, str]


@dataclass(slots=True)
class _Held:
    """What is held on a path so far: lock -> the step that took it."""

    locks: dict[Key, int] = field(default_factory=dict)
    waiting: dict[str, tuple[Key, int, Taken]] = field(default_factory=dict)
    dropped: dict[Key, int] = field(default_factory=dict)
    doubtful: set[Key] = field(default_factory=set)  # a callee may have dropped it
    unsure: set[Key] = field(default_factory=set)
    strays: dict[Key, int] = field(default_factory=dict)  # dropped without having been taken


@dataclass(frozen=True, slots=True)
class _End:
    """How a path ends for one lock it took at `start`."""

    path: Path
    start: int
    held: bool

    @property
    def last(self) -> Step:
        return self.path[-1]


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path that returns with a lock which equal paths drop."""
    if _FOR_THE_CALLER.search(image.name) or _ANNOTATED.search(image.data):
        return
    if not _UNLOCKS.search(image.data):
        return
    events, ways = _Events(image), _Ways()
    for path in image.paths:
        ways.add(path, events.follow(path))
    for key, ends in ways.ends.items():
        if key not in ways.unsure:
            yield from _judged(image, key, ends)
        if key not in events.taken_again and any(not end.held for end in ends):
            strays = ways.strays.get(key, ())
            yield from (_stray(key, path) for path in strays if not _is_left_locked(image, key, path))


@dataclass(slots=True)
class _Ways:
    """How the paths end for each lock, and those on which one is dropped that was never taken."""

    ends: dict[Key, list[_End]] = field(default_factory=dict)
    unsure: set[Key] = field(default_factory=set)
    strays: dict[Key, list[Path]] = field(default_factory=dict)

    def add(self, path: Path, held: _Held) -> None:
        self.unsure |= held.unsure
        for key, position in held.strays.items():
            self.strays.setdefault(key, []).append(path[: position + 1])
        for key, start in held.locks.items():
            if key not in held.doubtful:
                self.ends.setdefault(key, []).append(_End(path, start, held=True))
        for key, start in held.dropped.items():
            if key not in held.locks:
                self.ends.setdefault(key, []).append(_End(path, start, held=False))


def _judged(image: FunctionImage, key: Key, ends: list[_End]) -> Iterator[Defect]:
    dropped = {end.last.signs for end in ends if not end.held}
    for end in ends:
        if end.held and dropped and _is_wrong(image, end.last, dropped):
            yield _defect(image, key, end)


def _is_wrong(image: FunctionImage, last: Step, dropped: set[Signs]) -> bool:
    """An error returned with the lock is wrong; other results may be the way to tell the caller that it is held."""
    if is_error(image, last):
        return True
    held = last.signs
    return held in dropped and (held != ZERO or len(dropped) == 1)


def _defect(image: FunctionImage, key: Key, end: _End) -> Defect:
    family, lock = key
    shown = f"`{lock}`" if lock else f"{family.replace('_unlock', '_lock')}()"
    line = image.line(end.path[end.start])
    value = returned(image, end.last)
    what = f"returns {value}" if value and len(value) < 40 else "returns"
    message = f"{shown} taken at line {line} is still held when this {what}; other paths unlock it."
    return Defect(NAME, MECHANISM, f"{family} {lock}", end.path, end.start, f"takes {shown}", message)


def _stray(key: Key, path: Path) -> Defect:
    family, lock = key
    shown = f"`{lock}`" if lock else f"{family.replace('_unlock', '_lock')}()"
    message = f"{shown} is unlocked here, and nothing has taken it on this way; other paths lock it first."
    return Defect(NAME, STRAY, f"{family} {lock}", path, 0, "the function begins", message, ending="unlocks it")


def _is_left_locked(image: FunctionImage, key: Key, path: Path) -> bool:
    """Whether something that is called on the way takes the same lock, and so may return with it."""
    member = re.findall(r"\w+", key[1])[-1:]
    if not member:
        return False
    takes = re.compile(rb"\w*lock\w*\s*\([^;()]*\b%s\b" % member[0].encode())
    called = {callee(one, image.data) for step in path for one in walk(step.node) if one.type == "call_expression"}
    return any(takes.search(body) for name in called if name for body in image.knowledge.bodies(name, image.path))


class _Events:
    """What each step does to locks, read once for all paths through it."""

    def __init__(self, image: FunctionImage) -> None:
        self._image = image
        self._calls: dict[int, tuple[tuple[Node, str], ...]] = {}
        # Dropped for a while, for the caller that holds them.
        self.taken_again: set[Key] = set()

    def follow(self, path: Path) -> _Held:
        held = _Held()
        for position, step in enumerate(path):
            self._resolve(held, step)
            for call, name in self._called(step.node):
                self._call(held, call, name, position, step)
        for key, _, _ in held.waiting.values():
            held.unsure.add(key)
        return held

    def _called(self, node: Node) -> tuple[tuple[Node, str], ...]:
        if node.type == "compound_statement":
            return ()
        calls = self._calls.get(node.id)
        if calls is None:
            found = ((one, callee(one, self._image.data)) for one in walk(node) if one.type == "call_expression")
            calls = self._calls[node.id] = tuple((one, name) for one, name in found if name)
        return calls

    def _call(self, held: _Held, call: Node, name: str, position: int, step: Step) -> None:
        lock = lock_of(name, self._image.facts)
        if lock is None:
            self._passed(held, call, name)
            return
        key = self._key(lock, call)
        if lock.taken is None:
            start = held.locks.pop(key, None)
            held.doubtful.discard(key)
            if start is None:
                # Dropped for the caller, or the same lock by another name.
                held.unsure.update(other for other in (*held.locks, key) if other[0] == key[0])
                if not any(other[0] == key[0] for other in (*held.locks, *held.dropped)):
                    held.strays.setdefault(key, position)
            else:
                held.dropped[key] = start
        elif key in held.locks and key not in held.doubtful:
            held.unsure.add(key)  # no lock but a semaphore that counts or tells of an end
        elif lock.taken is Taken.ALWAYS:
            held.locks.setdefault(key, position)
            if key in held.strays:
                self.taken_again.add(key)
        else:
            self._tried(held, call, key, lock.taken, position, step)

    def _tried(self, held: _Held, call: Node, key: Key, taken: Taken, position: int, step: Step) -> None:
        if step.kind is StepKind.CONDITION and bare(step.node) == call:
            if step.truth == (taken is Taken.IF_TRUE):
                held.locks.setdefault(key, position)
            return
        variable = self._assigned(call)
        if not variable:
            held.unsure.add(key)
        elif step.kind is StepKind.CONDITION and step.variable == variable:
            self._settle(held, key, position, taken, step.signs)
        else:
            held.waiting[variable] = (key, position, taken)

    def _resolve(self, held: _Held, step: Step) -> None:
        waiting = held.waiting.get(step.variable) if step.variable else None
        if waiting is not None:
            key, position, taken = held.waiting.pop(step.variable)
            self._settle(held, key, position, taken, step.signs)

    def _settle(self, held: _Held, key: Key, position: int, taken: Taken, signs: Signs) -> None:
        zero = signs == ZERO
        if not zero and Sign.ZERO in signs:
            held.unsure.add(key)
        elif zero == (taken is Taken.IF_ZERO):
            held.locks.setdefault(key, position)

    def _assigned(self, call: Node) -> str:
        """The variable that the result of `call` goes to."""
        above = call.parent
        while above is not None and above.type == "parenthesized_expression":
            above = above.parent
        if above is None or above.type not in {"assignment_expression", "init_declarator"}:
            return ""
        name = above.child_by_field_name("left") or declared(above)
        return self._image.written(name) if name is not None else ""

    def _passed(self, held: _Held, call: Node, name: str) -> None:
        """A callee may drop what it is given, or say so in its name or annotation."""
        if not held.locks:
            return
        passed = {self._image.written(one).lstrip("&") for one in arguments(call)}
        drops = MAY_DROP.search(name) is not None
        annotated = any(fact.kind is FactKind.RELEASES for fact in self._image.facts(name))
        for key in held.locks:
            if annotated or drops or (key[1] in passed and not _looks_only(name)):
                held.doubtful.add(key)

    def _key(self, lock: Lock, call: Node) -> Key:
        passed = arguments(call)
        if lock.argument < 0 or len(passed) <= lock.argument:
            return lock.family, ""
        return lock.family, self._image.written(bare(passed[lock.argument])).lstrip("&").strip("()")


def _looks_only(name: str) -> bool:
    return name.startswith(("lockdep_", "WARN", "spin_is_", "mutex_is_", "rwsem_is_", "assert_"))
