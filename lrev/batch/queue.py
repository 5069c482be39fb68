"""The jobs of a batch on the disk. A change is one transaction: after a crash a job stands as before or after it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from lrev.batch.jobs import Job, State, Weighed, identity, series_of, series_text
from lrev.batch.store import connect, told_plainly, transaction
from lrev.errors import UsageError
from lrev.paths import private_directory
from lrev.types import Series, Tokens

_FILE = "queue.sqlite"
_WEIGHED: TypeAdapter[Weighed] = TypeAdapter(Weighed)
# A patch over which lrev itself died so often in a row is not tried again by itself. Somebody who ends runs by force
# meets the same patch twice now and then.
CRASHES = 3
CRASHED = f"lrev itself died {CRASHES} times while it read this patch"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a review took, in seconds by stage and in tokens; no part of the review itself."""

    code_seconds: float
    context_seconds: float
    model_seconds: float
    planned_tokens: int
    tokens: Tokens


def tokens_per_second(tokens: Tokens, seconds: float) -> float:
    """What the model read anew and wrote; 0 where none took part."""
    return (tokens.read + tokens.written) / seconds if seconds else 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The review that a job has. `name` is the stem of its files."""

    job: int
    run: int
    name: str
    model: str
    spent: Spent


@contextmanager
def open_queue(directory: Path) -> Iterator[Queue]:
    """Made if it is not there. Raises MachineError and LockHeld."""
    private_directory(directory)
    with closing(connect(directory / _FILE)) as connection, told_plainly(directory / _FILE):
        yield Queue(directory, connection)


class Queue:
    """For one thread; other processes may add, look and stop meanwhile."""

    def __init__(self, directory: Path, connection: sqlite3.Connection) -> None:
        self.directory = directory
        self._rows = connection

    @property
    def connection(self) -> sqlite3.Connection:
        """For what the tables of this queue are read by beside it."""
        return self._rows

    def add(self, series: Series) -> int:
        """A job a patch; how many of them are new."""
        text = series_text(series)
        name = hashlib.sha256(text.encode()).hexdigest()
        rows = [
            (
                identity(series, place),
                name,
                place,
                _storable(patch.subject),
                _storable(patch.author.name or patch.author.address),
                _storable(patch.message.message_id if patch.message else patch.commit),
                State.WAITING.value,
            )
            for place, patch in enumerate(series.patches)
        ]
        with transaction(self._rows):
            known = self._rows.execute("select count(*) from job").fetchone()[0]
            self._rows.execute("insert or ignore into series values (?, ?)", (name, text))
            self._rows.executemany(
                "insert or ignore into job (identity, series, place, subject, author, message_id, state)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._rows.execute("delete from series where sha256 not in (select series from job)")
            return int(self._rows.execute("select count(*) from job").fetchone()[0]) - int(known)

    def jobs(self) -> tuple[Job, ...]:
        """In the order they were added."""
        return tuple(_job(row) for row in self._rows.execute("select * from job order by number"))

    def series(self, name: str) -> Series:
        (text,) = self._rows.execute("select text from series where sha256 = ?", (name,)).fetchone()
        return series_of(text)

    def take_in_hand(self, job: int) -> None:
        """Before lrev reads a patch: should that be its death, the next run knows which one it was."""
        self._change("update job set in_hand = 1 where number = ?", job)

    def put_down(self, job: int) -> None:
        self._change("update job set in_hand = 0, crashes = 0 where number = ?", job)

    def weigh(self, job: int, weighed: Weighed, basis: str) -> None:
        """`basis` is what the weighing was made from; puts the job down."""
        text = json.dumps(_WEIGHED.dump_python(weighed))
        self._change(
            "update job set in_hand = 0, crashes = 0, weighed = ?, weighed_for = ? where number = ?", text, basis, job
        )

    def rank(self, ranked: Sequence[tuple[int, float, str]]) -> None:
        """Job, worth and key of each."""
        with transaction(self._rows):
            self._rows.executemany(
                "update job set worth = ?, key = ? where number = ?", [(worth, key, job) for job, worth, key in ranked]
            )

    def begin(self, job: int, run: int) -> None:
        """The model has it."""
        self._change("update job set in_hand = 0, crashes = 0, begun_in = ? where number = ?", run, job)

    def finish(self, job: Job, run: int, model: str, spent: Spent) -> None:
        """Its files are on the disk: from here on it is done."""
        with transaction(self._rows):
            self._rows.execute(
                "insert or replace into review values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job.number,
                    run,
                    job.name,
                    model,
                    spent.code_seconds,
                    spent.context_seconds,
                    spent.model_seconds,
                    spent.planned_tokens,
                    spent.tokens.read,
                    spent.tokens.reused,
                    spent.tokens.written,
                ),
            )
            self._rows.execute(
                "update job set state = ?, reason = '', done_key = key, in_hand = 0, crashes = 0, begun_in = 0"
                " where number = ?",
                (State.DONE.value, job.number),
            )

    def fail(self, job: int, reason: str) -> None:
        self._change(
            "update job set state = ?, reason = ?, in_hand = 0, begun_in = 0 where number = ?",
            State.FAILED.value,
            _storable(reason),
            job,
        )

    def recover(self) -> tuple[int, ...]:
        """After a run that ended in no order: nothing is under way; what lrev died over CRASHES times has failed."""
        with transaction(self._rows):
            self._rows.execute("update job set crashes = crashes + 1 where in_hand = 1")
            rows = self._rows.execute(
                "select number from job where in_hand = 1 and crashes >= ?", (CRASHES,)
            ).fetchall()
            self._rows.execute(
                "update job set state = ?, reason = ? where in_hand = 1 and crashes >= ?",
                (State.FAILED.value, CRASHED, CRASHES),
            )
            self._rows.execute("update job set in_hand = 0, begun_in = 0")
        return tuple(row["number"] for row in rows)

    def under_way(self) -> tuple[int, ...]:
        rows = self._rows.execute("select number from job where begun_in > 0 order by number")
        return tuple(row["number"] for row in rows)

    def finished(self) -> tuple[Finished, ...]:
        rows = self._rows.execute("select * from review order by job")
        return tuple(Finished(row["job"], row["run"], row["name"], row["model"], _spent(row)) for row in rows)

    def retry(self, jobs: Sequence[int]) -> int:
        """How many failed jobs wait again: these, or all. Raises UsageError for one that has not failed."""
        failed = {job.number for job in self.jobs() if job.state is State.FAILED}
        if wrong := [job for job in jobs if job not in failed]:
            raise UsageError(f"job {wrong[0]} has not failed", "lrev batch status lists those that have")
        chosen = jobs or sorted(failed)
        with transaction(self._rows):
            self._rows.executemany(
                "update job set state = ?, reason = '', crashes = 0 where number = ?",
                [(State.WAITING.value, job) for job in chosen],
            )
        return len(chosen)

    def remove(self, jobs: Sequence[int]) -> None:
        with transaction(self._rows):
            for table, column in (("review", "job"), ("job", "number")):
                self._rows.executemany(f"delete from {table} where {column} = ?", [(job,) for job in jobs])  # noqa: S608
            self._rows.execute("delete from series where sha256 not in (select series from job)")

    def _change(self, statement: str, *values: object) -> None:
        with transaction(self._rows):
            self._rows.execute(statement, values)


def _job(row: sqlite3.Row) -> Job:
    return Job(
        number=row["number"],
        series=row["series"],
        place=row["place"],
        subject=row["subject"],
        author=row["author"],
        message_id=row["message_id"],
        state=State(row["state"]),
        reason=row["reason"],
        worth=row["worth"],
        weighed=_WEIGHED.validate_python(json.loads(row["weighed"])) if row["weighed"] else None,
        weighed_for=row["weighed_for"],
        key=row["key"],
        done_key=row["done_key"],
        identity=row["identity"],
    )


def _spent(row: sqlite3.Row) -> Spent:
    tokens = Tokens(row["read"], row["reused"], row["written"])
    return Spent(row["code_seconds"], row["context_seconds"], row["model_seconds"], row["planned_tokens"], tokens)


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
