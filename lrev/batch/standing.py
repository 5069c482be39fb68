"""How far a queue is."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from lrev.batch import files, runs
from lrev.batch.deadline import Pace
from lrev.batch.digest import Run
from lrev.batch.jobs import Job, State
from lrev.batch.queue import Finished, Queue, tokens_per_second


@dataclass(frozen=True, slots=True)
class Standing:
    """`under_way` are those that the model has been given; `stale` reviews are done, and made from what has changed
    since. Rates are medians over reviews with a model, 0 without any; `left_seconds` None when nobody can know.
    """

    run: Run | None
    is_running: bool
    done: int
    waiting: int
    stale: int
    under_way: tuple[Job, ...]
    failed: tuple[Job, ...]
    tokens_per_second: float
    seconds_per_job: float
    left_seconds: float | None


def standing(queue: Queue) -> Standing:
    jobs, finished, run = queue.jobs(), queue.finished(), runs.latest(queue)
    is_running = files.is_running(queue.directory)
    due = [job for job in jobs if job.is_due]
    under_way = frozenset(queue.under_way()) if is_running else frozenset()
    with_model = [one for one in finished if one.spent.model_seconds]
    rates = [tokens_per_second(one.spent.tokens, one.spent.model_seconds) for one in with_model]
    return Standing(
        run=run,
        is_running=is_running,
        done=sum(job.state is State.DONE and not job.is_stale for job in jobs),
        waiting=sum(job.state is State.WAITING for job in jobs),
        stale=sum(job.is_stale for job in jobs),
        under_way=tuple(job for job in jobs if job.number in under_way),
        failed=tuple(job for job in jobs if job.state is State.FAILED),
        tokens_per_second=median(rates) if rates else 0.0,
        seconds_per_job=median([one.spent.model_seconds for one in with_model]) if with_model else 0.0,
        left_seconds=_left(due, finished, run),
    )


def _left(due: list[Job], finished: tuple[Finished, ...], run: Run | None) -> float | None:
    """None while jobs wait to be weighed, or before the first run."""
    if run is None or any(job.weighed is None for job in due):
        return None
    pace = Pace(finished, run.model)
    return pace.seconds(sum(job.weighed.tokens for job in due if job.weighed is not None)) if run.model else 0.0
