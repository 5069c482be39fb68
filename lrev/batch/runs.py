"""The runs of a queue, the request to stop one, and what its pages have told."""

from __future__ import annotations

from collections.abc import Iterable

from lrev.batch.digest import Run
from lrev.batch.queue import Queue
from lrev.batch.store import transaction
from lrev.batch.terms import BROKEN_OFF


def start(queue: Queue, started: int, deadline: int | None, model: str, tree: str) -> int:
    """The number of a new run; one that a crash left open is closed. For whoever holds the lock."""
    with transaction(queue.connection):
        queue.connection.execute(
            "update run set ended = started, ending = ? where ended is null",
            (BROKEN_OFF,),
        )
        cursor = queue.connection.execute(
            "insert into run (started, deadline, model, tree) values (?, ?, ?, ?)", (started, deadline, model, tree)
        )
        return int(cursor.lastrowid or 0)


def end(queue: Queue, number: int, ended: int, ending: str) -> None:
    with transaction(queue.connection):
        queue.connection.execute("update job set begun_in = 0, in_hand = 0")
        queue.connection.execute("update run set ended = ?, ending = ? where number = ?", (ended, ending, number))


def latest(queue: Queue) -> Run | None:
    """`ended` is 0 for one that is not known to have ended."""
    row = queue.connection.execute("select * from run order by number desc limit 1").fetchone()
    if row is None:
        return None
    return Run(
        number=row["number"],
        started=row["started"],
        ended=row["ended"] or 0,
        deadline=row["deadline"],
        model=row["model"],
        tree=row["tree"],
        ending=row["ending"],
    )


def ask_to_stop(queue: Queue) -> None:
    with transaction(queue.connection):
        queue.connection.execute("update run set stop = 1 where ended is null")


def is_asked_to_stop(queue: Queue, number: int) -> bool:
    row = queue.connection.execute("select stop from run where number = ?", (number,)).fetchone()
    return bool(row and row["stop"])


def told(queue: Queue, before: int) -> frozenset[str]:
    """The marks of the findings that pages of the runs before run `before` have shown."""
    rows = queue.connection.execute("select mark from told where run < ?", (before,))
    return frozenset(row["mark"] for row in rows)


def remember_told(queue: Queue, marks: Iterable[str], run: int) -> None:
    """For whoever has written the page of a run. What was told first by another run stays told by that."""
    with transaction(queue.connection):
        queue.connection.executemany("insert or ignore into told values (?, ?)", [(mark, run) for mark in marks])
