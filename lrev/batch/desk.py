"""What lrev itself does for a job: lay the patch on its tree, weigh it, plan it, and write down what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from lrev.batch import files
from lrev.batch.jobs import Job, Weighed
from lrev.batch.queue import Queue, Spent
from lrev.batch.weighing import weigh
from lrev.report.json import document
from lrev.report.reply import reply
from lrev.review.ask import Answered
from lrev.review.images import FileImages
from lrev.review.pipeline import Examined, Planned, Resources, conclude, examine, lay_series, plan
from lrev.review.remarks import Laid
from lrev.source.base import find_base
from lrev.source.git import Repository
from lrev.types import Review

LaidPatch = tuple[Laid, tuple[FileImages, ...]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job up to where the model is asked."""

    job: Job
    examined: Examined
    planned: Planned
    code_seconds: float
    context_seconds: float


class Desk:
    """For one thread, that which opened index and queue. The series that was used last stays laid on its tree."""

    def __init__(self, queue: Queue, resources: Resources, repository: Repository | None) -> None:
        self.resources = resources
        self._queue = queue
        self._repository = repository
        self._series = ""
        self._laid: tuple[LaidPatch, ...] = ()

    def weigh(self, job: Job) -> Weighed:
        return weigh(*self._lay(job), self.resources)

    def prepare(self, job: Job) -> Prepared:
        started = time.monotonic()
        examined = examine(*self._lay(job), self.resources)
        with_code = time.monotonic()
        planned = plan(examined, self.resources)
        return Prepared(job, examined, planned, with_code - started, time.monotonic() - with_code)

    def conclude(self, prepared: Prepared, answered: Sequence[Answered], model_seconds: float, run: int) -> Review:
        """The files first, each whole on the disk, then the one change in the queue that makes the job done."""
        started = time.monotonic()
        review = conclude(prepared.examined, prepared.planned, answered, self.resources)
        files.write_both(self._queue.directory, prepared.job.name, document((review,)), reply(review))
        code_seconds = prepared.code_seconds + time.monotonic() - started
        spent = Spent(code_seconds, prepared.context_seconds, model_seconds, prepared.planned.tokens, review.tokens)
        self._queue.finish(prepared.job, run, review.provenance.model, spent)
        return review

    def _lay(self, job: Job) -> LaidPatch:
        if self._series != job.series:
            series = self._queue.series(job.series)
            self._series, self._laid = "", ()
            base, tree = find_base(series, self.resources.tree, self._repository)
            self._laid = tuple(lay_series(series, base, tree))
            self._series = job.series
        return self._laid[job.place]
