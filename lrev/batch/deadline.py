"""When a run ends, and which jobs still fit before that."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from lrev.batch.queue import Finished
from lrev.errors import UsageError

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
# Until a job is done nobody knows how fast the machine is; a 1.5B model reads twice as many on two cores.
_TOKENS_PER_SECOND = 40.0
# The last jobs of a model: enough for a median, few enough to follow a machine that has become slower.
_LAST = 50


@dataclass(frozen=True, slots=True)
class Deadline:
    """`ends` is seconds since 1970, None for a run without end. The clock is asked anew each time: it may be set, and
    the machine may have slept.
    """

    ends: int | None
    clock: Callable[[], float]

    @property
    def is_over(self) -> bool:
        return self.ends is not None and self.clock() >= self.ends

    def allows(self, seconds: float) -> bool:
        return self.ends is None or self.clock() + seconds <= self.ends


def parse_until(text: str, now: float) -> int:
    """07:30 is the next time that it is half past seven here; or 2024-05-31T07:30. Raises UsageError."""
    found = _CLOCK.fullmatch(text)
    if found is not None:
        today = time.localtime(now)
        ends = [_moment(today, days, int(found[1]), int(found[2])) for days in (0, 1)]
        return next(one for one in ends if one > now)
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except ValueError as error:
        raise UsageError(f"'{text}' is not a time", "write it as 07:30 or 2024-05-31T07:30") from error


def _moment(day: time.struct_time, later_days: int, hour: int, minute: int) -> int:
    """mktime(3) takes the 32nd of a month, and knows when summer begins."""
    return int(time.mktime((day.tm_year, day.tm_mon, day.tm_mday + later_days, hour, minute, 0, 0, 0, -1)))


class Pace:
    """Seconds that a planned token takes: the median over the last jobs that the same model has done here."""

    def __init__(self, finished: Iterable[Finished], model: str) -> None:
        self._seconds_per_token: list[float] = []
        for one in finished:
            if one.model == model:
                self.learn(one.spent.model_seconds, one.spent.planned_tokens)

    def learn(self, seconds: float, planned_tokens: int) -> None:
        if planned_tokens:
            self._seconds_per_token = [*self._seconds_per_token[1 - _LAST :], seconds / planned_tokens]

    def seconds(self, planned_tokens: int) -> float:
        return planned_tokens * (median(self._seconds_per_token) if self._seconds_per_token else 1 / _TOKENS_PER_SECOND)
