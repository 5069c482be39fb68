"""A run: job after job, the next one planned while the model reads, until the queue is empty or the run has to end.

The lanes (lrev/batch/lanes.py) only answer. All else happens here in one thread, so that index and queue are used by
the thread that opened them; what is planned and answered depends on the job alone.
"""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import suppress
from dataclasses import dataclass

from lrev.batch import runs
from lrev.batch.calibrating import Calibrating
from lrev.batch.deadline import Pace
from lrev.batch.desk import Desk, Prepared
from lrev.batch.events import Event, Kind, Listener
from lrev.batch.files import require_room
from lrev.batch.jobs import Job, Weighed
from lrev.batch.lanes import Lanes, LostModel, Timed
from lrev.batch.one_job import Attempt
from lrev.batch.queue import Queue, tokens_per_second
from lrev.batch.ranking import rank
from lrev.batch.terms import BATTERY, BROKEN_OFF, DEADLINE, EMPTY, STOPPED, Outcome, Terms
from lrev.errors import LrevError
from lrev.review.ask import Answered, Asker

_LOOK_SECONDS = 1.0
_WAIT_SECONDS = 5.0
# The model process may die of what others do to the machine; a job over which it dies again has to do with it.
_ATTEMPTS = 2

Answers = Future[Timed[tuple[Answered, ...]]]


@dataclass(frozen=True, slots=True)
class _Flight:
    prepared: Prepared
    attempt: int
    expected_seconds: float


class Runner:
    """`lanes` None where code alone speaks. For one run."""

    def __init__(self, queue: Queue, desk: Desk, lanes: Lanes | None, terms: Terms, tell: Listener) -> None:
        self._queue = queue
        self._desk = desk
        self._lanes = lanes
        self._terms = terms
        self._tell = tell
        self._attempt = Attempt(self._failed)
        made = desk.resources.provenance
        self._pace = Pace(queue.finished(), made.model)
        self._flights: dict[Answers, _Flight] = {}
        self._due: deque[Job] = deque()
        self._passed_over: list[Job] = []
        self._done = self._failures = self._total = 0
        self._landed = 0.0  # when a lane was last given up by a job, on the monotonic clock
        self._is_waiting = False
        self._number = 0

    def run(self) -> Outcome:
        """Raises MachineError when the machine cannot go on; everything that was done stays done."""
        queue, deadline = self._queue, self._terms.deadline
        require_room(queue.directory)
        queue.recover()
        resources = self._desk.resources
        self._number = runs.start(
            queue, int(deadline.clock()), deadline.ends, resources.provenance.model, resources.tree.name
        )
        try:
            self._due = deque(self._ranked())
            self._total = len(self._due)
            ending = self._work()
        except BaseException:
            with suppress(LrevError, sqlite3.Error):  # what ended it is what has to be told
                runs.end(queue, self._number, int(deadline.clock()), BROKEN_OFF)
            raise
        runs.end(queue, self._number, int(deadline.clock()), ending)
        outcome = Outcome(self._number, self._done, self._failures, len(self._due) + len(self._passed_over), ending)
        self._tell(Event(Kind.ENDED, 0, ending, done=self._done, total=self._total))
        return outcome

    def _ranked(self) -> Sequence[Job]:
        calibrating = Calibrating(self._desk.resources, self._lanes, self._tell)

        def found(weighed: Weighed) -> None:
            calibrating.need(weighed.asked)

        ranked = rank(self._queue, self._desk, self._attempt, self._terms.weights, self._tell, found)
        calibrating.finish(lambda: bool(self._why_to_end()))
        return ranked

    def _work(self) -> str:
        """Why it ended."""
        ending = ""
        room = 1 + (self._lanes.count if self._lanes is not None else 0)
        while True:
            ending = ending or self._why_to_end()
            if ending:
                self._recall()
            job = None if ending or self._has_landed() else self._next(len(self._flights) < room)
            if job is not None and not self._is_held_up():
                self._due.remove(job)
                self._begin(job)
            elif self._flights:
                self._land()
            elif not self._due or ending:
                return ending or (DEADLINE if self._passed_over else EMPTY)
            else:
                time.sleep(_WAIT_SECONDS)

    def _next(self, has_room: bool) -> Job | None:
        """The best; while all lanes are taken, the best of those about which no model is asked."""
        return next((job for job in self._due if has_room or (job.weighed and not job.weighed.asked)), None)

    def _has_landed(self) -> bool:
        return any(future.done() for future in self._flights)

    def _why_to_end(self) -> str:
        if self._terms.is_stopped() or runs.is_asked_to_stop(self._queue, self._number):
            return STOPPED
        if self._terms.deadline.is_over:
            return DEADLINE
        return BATTERY if self._terms.is_on_battery() else ""

    def _is_held_up(self) -> bool:
        was_waiting, self._is_waiting = self._is_waiting, self._terms.is_busy()
        if self._is_waiting and not was_waiting:
            self._tell(Event(Kind.WAITING, text="others need the machine"))
        return self._is_waiting

    def _begin(self, job: Job) -> None:
        """Plan a job and give it to a lane, or finish it where nothing is to be asked; or pass it over for its length.

        What it may take is known once it is planned; by its weight alone only what is far too long is passed over.
        """
        require_room(self._queue.directory)
        weighed = job.weighed or Weighed()
        ahead = self._expected_ahead() if weighed.asked else 0.0
        if not self._terms.deadline.allows(ahead + self._pace.seconds(weighed.tokens) / 2):
            self._passed_over.append(job)
            return
        self._queue.take_in_hand(job.number)
        prepared = self._attempt(job, lambda: self._desk.prepare(job))
        if prepared is None:
            return
        expected = self._pace.seconds(prepared.planned.tokens)
        if not self._terms.deadline.allows(ahead + expected):
            self._queue.put_down(job.number)
            self._passed_over.append(job)
        elif prepared.planned.plans:
            self._queue.begin(job.number, self._number)
            self._fly(_Flight(prepared, 1, expected))
        else:
            self._conclude(prepared, Timed((), 0.0))

    def _expected_ahead(self) -> float:
        """Until a lane is free for another job."""
        lanes = self._lanes.count if self._lanes is not None else 1
        given = sum(flight.expected_seconds for flight in self._flights.values()) / lanes
        return max(0.0, given - (time.monotonic() - self._landed)) if self._flights else 0.0

    def _fly(self, flight: _Flight) -> None:
        lanes, scales = self._lanes, self._desk.resources.scales
        assert lanes is not None and scales is not None
        plans, scale = flight.prepared.planned.plans, scales.of
        self._flights[lanes.submit(lambda model: Asker(model, scale).ask(plans))] = flight
        self._landed = self._landed if len(self._flights) > 1 else time.monotonic()
        job = flight.prepared.job
        self._tell(Event(Kind.BEGUN, job.number, job.subject, seconds=flight.expected_seconds))

    def _recall(self) -> None:
        """What no lane has begun is left for another run."""
        for future in [one for one in self._flights if one.cancel()]:
            self._due.appendleft(self._flights.pop(future).prepared.job)

    def _land(self) -> None:
        landed, _ = wait(self._flights, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in landed:
            flight = self._flights.pop(future)
            self._landed = time.monotonic()
            try:
                answers = future.result()
            except LostModel as lost:
                self._lost(flight, lost)
            except LrevError as error:
                self._failed(flight.prepared.job, error.message)
            else:
                self._pace.learn(answers.seconds, flight.prepared.planned.tokens)
                self._conclude(flight.prepared, answers)

    def _lost(self, flight: _Flight, lost: LostModel) -> None:
        assert self._lanes is not None
        job = flight.prepared.job
        self._tell(Event(Kind.RESTARTED, job.number, lost.reason))
        self._lanes.revive(lost)
        if flight.attempt == _ATTEMPTS:
            self._failed(job, f"{lost.reason}, {_ATTEMPTS} times")
        else:
            self._fly(_Flight(flight.prepared, flight.attempt + 1, flight.expected_seconds))

    def _conclude(self, prepared: Prepared, answers: Timed[tuple[Answered, ...]]) -> None:
        job = prepared.job
        review = self._attempt(job, lambda: self._desk.conclude(prepared, answers.value, answers.seconds, self._number))
        if review is None:
            return
        self._done += 1
        self._tell(
            Event(
                Kind.DONE,
                job.number,
                job.subject,
                done=self._done + self._failures,
                total=self._total,
                seconds=answers.seconds,
                tokens_per_second=tokens_per_second(review.tokens, answers.seconds),
                left_seconds=self._left_seconds(),
                findings=len(review.findings),
            )
        )

    def _failed(self, job: Job, reason: str) -> None:
        self._queue.fail(job.number, reason)
        self._failures += 1
        done = self._done + self._failures
        self._tell(Event(Kind.FAILED, job.number, f"{job.subject}: {reason}", done=done, total=self._total))

    def _left_seconds(self) -> float:
        lanes = self._lanes.count if self._lanes is not None else 1
        weighed = sum(job.weighed.tokens for job in self._due if job.weighed is not None)
        return self._pace.seconds(weighed) / lanes + self._expected_ahead()
