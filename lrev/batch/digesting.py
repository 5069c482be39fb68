"""The queue and its files -> what a page shows of the last run."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from lrev.batch import files, runs
from lrev.batch.digest import Digest, Reviewed, Run, Stage, Unread
from lrev.batch.jobs import Job, State
from lrev.batch.queue import Finished, Queue
from lrev.errors import MachineError
from lrev.types import Review, Tokens

_REVIEW: TypeAdapter[Review] = TypeAdapter(Review)


def digest_of(queue: Queue) -> Digest | None:
    """None before the first run. Paths are those of the files below the queue's directory.

    Raises MachineError for a review that is gone or was changed into something else.
    """
    run = runs.latest(queue)
    if run is None:
        return None
    finished = {one.job: one for one in queue.finished()}
    jobs = queue.jobs()
    reviewed = tuple(_reviewed(queue, job, finished[job.number], run) for job in jobs if job.number in finished)
    return Digest(
        run=run,
        reviewed=reviewed,
        failed=tuple(_unread(job) for job in jobs if job.state is State.FAILED),
        unreached=tuple(_unread(job) for job in jobs if job.state is State.WAITING and job.number not in finished),
        tokens=_total(finished[one.job].spent.tokens for one in reviewed if one.fresh),
        told_before=runs.told(queue, run.number),
    )


def read_review(queue: Queue, name: str) -> Review:
    path = files.review_path(queue.directory, name)
    try:
        return _REVIEW.validate_python(json.loads(path.read_text(encoding="utf-8"))["reviews"][0])
    except OSError as error:
        raise MachineError(f"cannot read '{path}': {error.strerror}", "lrev batch clear forgets the job") from error
    except (ValueError, KeyError, IndexError, TypeError, ValidationError) as error:
        raise MachineError(f"'{path}' holds no review", "lrev batch clear forgets the job") from error


def _reviewed(queue: Queue, job: Job, finished: Finished, run: Run) -> Reviewed:
    spent = finished.spent
    stages = (
        Stage("code", spent.code_seconds),
        Stage("context", spent.context_seconds),
        Stage("model", spent.model_seconds),
    )
    return Reviewed(
        job=job.number,
        worth=job.worth,
        review=read_review(queue, finished.name),
        reply_path=files.reply_path(queue.directory, finished.name).relative_to(queue.directory).as_posix(),
        json_path=files.review_path(queue.directory, finished.name).relative_to(queue.directory).as_posix(),
        seconds=sum(stage.seconds for stage in stages),
        stages=stages,
        subsystem=job.weighed.subsystem if job.weighed is not None else "",
        fresh=finished.run == run.number,
    )


def _unread(job: Job) -> Unread:
    return Unread(job.number, job.subject, job.author, job.message_id, job.worth, job.reason)


def _total(spent: Iterable[Tokens]) -> Tokens:
    known = list(spent)
    return Tokens(sum(one.read for one in known), sum(one.reused for one in known), sum(one.written for one in known))
