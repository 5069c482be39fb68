"""What a run says while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    WEIGHED = "weighed"  # what the jobs are worth becomes known
    CALIBRATED = "calibrated"  # the model has answered the examples of a rule
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    RESTARTED = "restarted"  # the model process died, and there is another
    WAITING = "waiting"  # for the machine to have time
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """`job` 0 for what is about the run; `done` of `total` jobs or weighings; seconds and rate of the job's model time,
    0 when no model took part; `left_seconds` until the queue is done, None when nobody can know.
    """

    kind: Kind
    job: int = 0
    text: str = ""  # a subject, a reason, a rule
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    tokens_per_second: float = 0.0
    left_seconds: float | None = None
    findings: int = 0


Listener = Callable[[Event], None]
