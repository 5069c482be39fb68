"""Locks that a function takes and does not give back, or gives back without having taken them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.source.c_events import CallEvent, FunctionEvents
from lrev.source.c_guards import Guard
from lrev.types import SOME_PATHS, Fact, FactKind, FactOrigin

# `spin_lock_irqsave`, `mutex_trylock`, `down_read`, `rcu_read_unlock_bh`: what is locked, and which way.
_LOCKING = re.compile(
    r"^(?P<stem>(?:\w*?_)?)(?P<way>trylock|unlock|lock)"
    r"(?:_(?:irqsave|irqrestore|irq|bh|nested|nest_lock|interruptible|killable|io|sched|notrace|shared|rcu|sleep|"
    r"fast|slow|slowpath|common|path|timeout|noirq|flags|state))*$"
)
_SEMAPHORE = re.compile(
    r"^(?P<way>down|up)(?P<stem>_read|_write)?(?:_trylock|_killable|_interruptible|_nested|_timeout)?$"
)
_LOCKS = {"lock", "trylock", "down"}
# `posix_test_lock`, `ext4_alloc_lock`: a lock is their object, and not what they do.
_NO_LOCKING = re.compile(
    r"^(?:lockdep|devlink|__lock|clk_)|(?:^|_)(?:test|get|set|init|alloc|free|find|setup|check|has|is|no|put|create|new|"
    r"add|del|remove|query|wait|pick|need|use|can|may|assert|print|show|dump|destroy|fcntl|flock|file|posix|vfs|\d+)_lock"
)
_MAY_FAIL = re.compile(r"trylock|_interruptible|_killable|_timeout")


def left_locked(function: FunctionEvents, blob: str) -> Iterator[Fact]:
    """Facts that were read from the body: a lock with no unlock of the same operand anywhere in it, or the reverse.

    With `condition` where the call is not always made, or may fail. A function with both is silent: most likely one
    lock has two names in it, such as that which `pmd_lock()` returns.
    """
    taken: dict[tuple[str, bytes], CallEvent] = {}
    dropped: dict[tuple[str, bytes], CallEvent] = {}
    for call in function.calls:
        told = None if call.member else _locking(call)
        if told is not None:
            stem, locks = told
            operand = call.arguments[0] if call.arguments else b""
            (taken if locks else dropped).setdefault((stem, operand), call)
    if taken.keys() - dropped.keys() and dropped.keys() - taken.keys():
        return
    for key in taken.keys() ^ dropped.keys():
        call = taken.get(key) or dropped[key]
        kind = FactKind.LEAVES_LOCKED if key in taken else FactKind.LEAVES_UNLOCKED
        detail = f"{' '.join(key[1].decode('utf-8', 'replace').split())} ({call.callee})".lstrip()
        yield Fact(function.name, kind, detail, FactOrigin.READ, blob, call.line, _condition(function, call))


def _condition(function: FunctionEvents, call: CallEvent) -> str:
    if call.guard >= Guard.LOOP:
        return SOME_PATHS
    may_fail = _MAY_FAIL.search(call.callee)
    if may_fail and not (call.returned or call.result in function.returned or call.guard is Guard.FAILURE):
        # Another way to the lock follows, or none.
        return SOME_PATHS if "trylock" in call.callee else "it succeeds"
    return "it succeeds" if may_fail or call.guard is Guard.FAILURE else ""


def _locking(call: CallEvent) -> tuple[str, bool] | None:
    """The family of the lock and whether it is taken; None for another call."""
    found = _LOCKING.match(call.callee) or _SEMAPHORE.match(call.callee)
    if found is None or _NO_LOCKING.search(call.callee):
        return None
    return found["stem"] or "", found["way"] in _LOCKS
