"""What a run keeps to, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lrev.batch.deadline import Deadline

# Why a run ended, to be read behind "because".
EMPTY = "the queue was empty"
DEADLINE = "its time was over"
STOPPED = "it was stopped"
BATTERY = "the machine runs on battery"
BROKEN_OFF = "it was broken off"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run keeps to. `is_stopped`, `is_on_battery` and `is_busy` (others need the machine) are looked at between
    jobs; `weights` as in lrev.toml.
    """

    deadline: Deadline
    weights: Mapping[str, float] = field(default_factory=dict)
    is_stopped: Callable[[], bool] = lambda: False
    is_on_battery: Callable[[], bool] = lambda: False
    is_busy: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one run; `unreached` are all that are left to do."""

    number: int
    done: int
    failed: int
    unreached: int
    ending: str
