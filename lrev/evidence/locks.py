"""The locks of the kernel: who takes and who drops them, and what the result of taking one says."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from lrev.types import Fact, FactKind

# Callees that may drop a lock, by their names.
MAY_DROP = re.compile(r"unlock|release|_drop|_put\b|_end\b|_done\b|_exit\b|_leave\b")


class Taken(Enum):
    ALWAYS = "always"
    IF_TRUE = "if true"
    IF_ZERO = "if zero"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock function: `family` is what its counterpart shares with it; `argument` is -1 where the lock is global."""

    family: str
    taken: Taken | None  # None drops the lock
    argument: int = 0


_SPIN_VARIANTS = ("", "_irq", "_irqsave", "_irqrestore", "_bh")


def _spinning(prefix: str) -> dict[str, Lock]:
    """`spin_lock`, `read_lock` and the like with their interrupt variants; all variants are one family."""
    table: dict[str, Lock] = {}
    for variant in _SPIN_VARIANTS:
        table[f"{prefix}_lock{variant}"] = Lock(prefix, Taken.ALWAYS)
        table[f"{prefix}_lock{variant}_nested"] = Lock(prefix, Taken.ALWAYS)
        table[f"{prefix}_unlock{variant}"] = Lock(prefix, None)
        table[f"{prefix}_trylock{variant}"] = Lock(prefix, Taken.IF_TRUE)
    return table


def _pair(take: str, drop: str, taken: Taken = Taken.ALWAYS, argument: int = 0) -> dict[str, Lock]:
    return {take: Lock(drop, taken, argument), drop: Lock(drop, None, argument)}


# `chan_lock`, `lock_chan`, `__chan_lock_nested`: a subsystem's own word for a lock of its own.
_OWN = re.compile(r"(?P<before>\w*?)(?P<verb>lock|unlock)(?P<after>(?:_[a-z]\w*)?)")
_VARIANT = re.compile(r"_(?:nested|irq|irqsave|irqrestore|bh|slow)$")
_TAKES = frozenset({FactKind.LEAVES_LOCKED, FactKind.ACQUIRES})
_DROPS = frozenset({FactKind.LEAVES_UNLOCKED, FactKind.RELEASES})


def lock_of(name: str, facts: Callable[[str], tuple[Fact, ...]]) -> Lock | None:
    """By the table, else by a name with `lock` in it whose body takes or drops a lock whatever happens."""
    if name in LOCKS:
        return LOCKS[name]
    said = _OWN.fullmatch(name)
    if said is None or "try" in name:
        return None
    kinds = {fact.kind for fact in facts(name) if not fact.condition}
    takes = said["verb"] == "lock"
    if not kinds & (_TAKES if takes else _DROPS) or kinds & (_DROPS if takes else _TAKES):
        return None
    family = f"{said['before']}unlock{_VARIANT.sub('', said['after'])}"
    return Lock(family, Taken.ALWAYS if takes else None)


LOCKS: dict[str, Lock] = {
    **_spinning("spin"),
    **_spinning("raw_spin"),
    **_spinning("read"),
    **_spinning("write"),
    **_pair("mutex_lock", "mutex_unlock"),
    **_pair("mutex_lock_nested", "mutex_unlock"),
    **_pair("mutex_lock_io", "mutex_unlock"),
    **_pair("mutex_lock_interruptible", "mutex_unlock", Taken.IF_ZERO),
    **_pair("mutex_lock_interruptible_nested", "mutex_unlock", Taken.IF_ZERO),
    **_pair("mutex_lock_killable", "mutex_unlock", Taken.IF_ZERO),
    **_pair("mutex_lock_killable_nested", "mutex_unlock", Taken.IF_ZERO),
    **_pair("mutex_trylock", "mutex_unlock", Taken.IF_TRUE),
    **_pair("down", "up"),
    **_pair("down_interruptible", "up", Taken.IF_ZERO),
    **_pair("down_killable", "up", Taken.IF_ZERO),
    **_pair("down_trylock", "up", Taken.IF_ZERO),
    **_pair("down_timeout", "up", Taken.IF_ZERO),
    **_pair("down_read", "up_read"),
    **_pair("down_read_nested", "up_read"),
    **_pair("down_read_interruptible", "up_read", Taken.IF_ZERO),
    **_pair("down_read_killable", "up_read", Taken.IF_ZERO),
    **_pair("down_read_trylock", "up_read", Taken.IF_TRUE),
    **_pair("down_write", "up_write"),
    **_pair("down_write_nested", "up_write"),
    **_pair("down_write_killable", "up_write", Taken.IF_ZERO),
    **_pair("down_write_trylock", "up_write", Taken.IF_TRUE),
    **_pair("rcu_read_lock", "rcu_read_unlock", argument=-1),
    **_pair("rcu_read_lock_bh", "rcu_read_unlock_bh", argument=-1),
    **_pair("rcu_read_lock_sched", "rcu_read_unlock_sched", argument=-1),
    **_pair("srcu_read_lock", "srcu_read_unlock"),
    **_pair("lock_sock", "release_sock"),
    **_pair("lock_sock_nested", "release_sock"),
    **_pair("bh_lock_sock", "bh_unlock_sock"),
    **_pair("bh_lock_sock_nested", "bh_unlock_sock"),
    **_pair("device_lock", "device_unlock"),
    **_pair("device_lock_interruptible", "device_unlock", Taken.IF_ZERO),
    **_pair("device_trylock", "device_unlock", Taken.IF_TRUE),
    **_pair("inode_lock", "inode_unlock"),
    **_pair("inode_lock_nested", "inode_unlock"),
    **_pair("inode_lock_shared", "inode_unlock_shared"),
    **_pair("inode_trylock", "inode_unlock", Taken.IF_TRUE),
    **_pair("mmap_read_lock", "mmap_read_unlock"),
    **_pair("mmap_read_lock_killable", "mmap_read_unlock", Taken.IF_ZERO),
    **_pair("mmap_read_trylock", "mmap_read_unlock", Taken.IF_TRUE),
    **_pair("mmap_write_lock", "mmap_write_unlock"),
    **_pair("mmap_write_lock_killable", "mmap_write_unlock", Taken.IF_ZERO),
    **_pair("mmap_write_trylock", "mmap_write_unlock", Taken.IF_TRUE),
    **_pair("rtnl_lock", "rtnl_unlock", argument=-1),
    **_pair("rtnl_lock_killable", "rtnl_unlock", Taken.IF_ZERO, -1),
    **_pair("rtnl_trylock", "rtnl_unlock", Taken.IF_TRUE, -1),
    **_pair("cpus_read_lock", "cpus_read_unlock", argument=-1),
    **_pair("console_lock", "console_unlock", argument=-1),
    **_pair("console_trylock", "console_unlock", Taken.IF_TRUE, -1),
}
