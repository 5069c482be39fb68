"""Where the time of a queue went, by stage and by job, and which subsystems have findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lrev.batch.digest import Reviewed
from lrev.batch.morning.contents import Morning
from lrev.types import Certainty

# Time of a job that no stage claims: reading the patch, finding its base, writing the files.
REST = "the rest"


@dataclass(frozen=True, slots=True)
class StageTime:
    """Seconds of one stage over the jobs of this run, and over all of the queue."""

    name: str
    run_seconds: float
    all_seconds: float


@dataclass(frozen=True, slots=True)
class SubsystemFindings:
    name: str
    proven: int
    suspected: int


def stage_names(jobs: Sequence[Reviewed]) -> tuple[str, ...]:
    """In the order in which they first come, the rest last."""
    return (*dict.fromkeys(stage.name for job in jobs for stage in job.stages), REST)


def stage_seconds(job: Reviewed, name: str) -> float:
    if name == REST:
        return max(0.0, job.seconds - sum(stage.seconds for stage in job.stages))
    return sum(stage.seconds for stage in job.stages if stage.name == name)


def stage_times(jobs: Sequence[Reviewed]) -> tuple[StageTime, ...]:
    return tuple(
        StageTime(
            name,
            sum(stage_seconds(job, name) for job in jobs if job.fresh),
            sum(stage_seconds(job, name) for job in jobs),
        )
        for name in stage_names(jobs)
    )


def slowest(jobs: Sequence[Reviewed]) -> tuple[Reviewed, ...]:
    return tuple(sorted(jobs, key=lambda job: (-job.seconds, job.job)))


def findings_by_subsystem(morning: Morning) -> tuple[SubsystemFindings, ...]:
    """Those with the most first."""
    counts = Counter((remark.job.subsystem, remark.finding.certainty) for remark in morning.findings)
    rows = [
        SubsystemFindings(name, counts[name, Certainty.PROVEN], counts[name, Certainty.SUSPECTED])
        for name in {name for name, _ in counts}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.proven - row.suspected, -row.proven, row.name)))
