"""Which job comes first: those that are worth most, so that a run that is cut short has done the best ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from lrev.batch.jobs import Job


def in_order(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """A series stays together, where the best of its parts would stand; at equal worth what costs less goes first."""
    series: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        series[job.series].append(job)
    ranked = sorted(series.values(), key=_rank)
    return tuple(job for parts in ranked for job in sorted(parts, key=lambda one: one.place))


def _rank(parts: list[Job]) -> tuple[float, int, int]:
    tokens = sum(job.weighed.tokens for job in parts if job.weighed is not None)
    return -max(job.worth for job in parts), tokens, min(job.number for job in parts)
