"""Waiting for an answer of a child that may hang or grow, and when to give it up.

Its own processor time is what counts, not the clock: a machine that is busy with other things, or asleep, makes a child
slow, and a child that is slow is not to be killed over it.
"""

from __future__ import annotations

import os
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lrev.errors import MachineError

# The slowest machine that lrev is meant for reads 20 tokens of a 7B model a second; what takes four times as long
# hangs.
TOKENS_PER_SECOND = 5.0
# An answer has this much more to begin with, and a process that waits for a disk may stand still for so long.
GRACE_SECONDS = 60.0
_LOOK_MILLISECONDS = 500
_MEGABYTE = 1 << 20
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Watch:
    """When a child is given up; `memory_megabytes` 0 means nine tenths of the machine's."""

    grace_seconds: float = GRACE_SECONDS
    tokens_per_second: float = TOKENS_PER_SECOND
    memory_megabytes: int = 0

    def seconds(self, tokens: int) -> float:
        """The longest that a machine may work for an answer over so many tokens."""
        return self.grace_seconds + tokens / self.tokens_per_second

    @property
    def memory_bytes(self) -> int:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return self.memory_megabytes * _MEGABYTE or machine * 9 // 10


WATCH = Watch()


def wait_for(stream: IO[bytes], process: int, tokens: int, watch: Watch) -> None:
    """Until there is something to read, be it the end.

    Raises MachineError when the process has worked too long for an answer over so many tokens, when it stands still, or
    when it holds more memory than it may.
    """
    poll = select.poll()
    poll.register(stream, select.POLLIN)
    most = watch.seconds(tokens)
    first = worked = _worked_seconds(process)
    moved = time.monotonic()
    _require_small(process, watch)
    while not poll.poll(_LOOK_MILLISECONDS):
        _require_small(process, watch)
        before, worked = worked, _worked_seconds(process)
        moved = time.monotonic() if worked > before else moved
        if time.monotonic() - moved > watch.grace_seconds:
            raise MachineError(f"the model process stood still for {watch.grace_seconds:.0f} s")
        if worked - first > most * _cores():
            raise MachineError(f"the model process worked {most:.0f} s and gave no answer")


def _require_small(process: int, watch: Watch) -> None:
    if _resident_bytes(process) > watch.memory_bytes:
        raise MachineError(
            f"the model process held more than {watch.memory_bytes // _MEGABYTE} MB",
            "choose a smaller model, or raise model_memory_megabytes in lrev.toml",
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _worked_seconds(process: int) -> float:
    """Of all its threads, by utime and stime of proc_pid_stat(5); 0 once it is gone."""
    try:
        fields = (_PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


def _resident_bytes(process: int) -> int:
    """By /proc/PID/statm, which is readable also of a process that is closed off; 0 once it is gone."""
    try:
        return int((_PROC / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
