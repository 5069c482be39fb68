"""Before the first job of a run: each is weighed for the tree and the rules as they are, and gets its worth and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lrev.batch.desk import Desk
from lrev.batch.events import Event, Kind, Listener
from lrev.batch.jobs import Job, State, Weighed
from lrev.batch.one_job import Attempt
from lrev.batch.order import in_order
from lrev.batch.queue import Queue
from lrev.batch.weighing import grounds_of, worth


def rank(
    queue: Queue,
    desk: Desk,
    attempt: Attempt,
    weights: Mapping[str, float],
    tell: Listener,
    found: Callable[[Weighed], None],
) -> tuple[Job, ...]:
    """The jobs that are due, the best first; `found` is told of each weighing that there is. One that cannot be weighed
    has failed.
    """
    grounds = grounds_of(desk.resources)
    basis, jobs = grounds.basis, [job for job in queue.jobs() if job.state is not State.FAILED]
    ranked = []
    for done, job in enumerate(sorted(jobs, key=lambda one: (one.series, one.place)), 1):
        weighed = job.weighed if job.weighed_for == basis else None
        if weighed is None:
            queue.take_in_hand(job.number)
            weighed = attempt(job, lambda job=job: desk.weigh(job))  # type: ignore[misc]
            if weighed is None:
                continue
            queue.weigh(job.number, weighed, basis)
            tell(Event(Kind.WEIGHED, job.number, job.subject, done=done, total=len(jobs)))
        key = grounds.key(job.identity, weighed)
        ranked.append((job.number, worth(weighed, desk.resources.rules, weights), key))
        if key != job.done_key:
            found(weighed)
    queue.rank(ranked)
    return in_order(job for job in queue.jobs() if job.is_due)
