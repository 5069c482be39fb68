"""Jobs on the disk: added once, whole after a crash, told plainly when they cannot be had."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from lrev.batch import files, runs
from lrev.batch.jobs import Job, State, Weighed
from lrev.batch.order import in_order
from lrev.batch.queue import CRASHED, CRASHES, Queue, Spent, open_queue
from lrev.errors import LockHeld, MachineError, UsageError
from lrev.types import Series, Tokens
from tests.unit.changes import file_diff, message, patch

SPENT = Spent(1.0, 2.0, 3.0, 400, Tokens(300, 100, 5))


def single(subject: str) -> Series:
    return Series((replace(patch(file_diff("a\n", "b\n"), mail=message(subject=subject)), subject=subject),))


def test_what_is_there_is_not_added_again(queue: Queue) -> None:
    assert [queue.add(single(name)) for name in ("one", "two", "one")] == [1, 1, 0]
    assert [(job.number, job.subject, job.state) for job in queue.jobs()] == [
        (1, "one", State.WAITING),
        (2, "two", State.WAITING),
    ]
    assert queue.series(queue.jobs()[0].series) == single("one")


def test_a_subject_with_bytes_that_are_no_text(queue: Queue) -> None:
    queue.add(single("one\udcff"))
    (job,) = queue.jobs()
    assert job.subject == "one\\udcff"
    assert queue.series(job.series).patches[0].subject == "one\udcff"
    assert job.name == "0001-one-udcff"


def test_a_job_is_done_when_the_queue_says_so(queue: Queue) -> None:
    queue.add(single("one"))
    queue.weigh(1, Weighed(asked=("a", "a"), tokens=700, paths=("mm/x\udcff.c",)), "basis")
    queue.rank([(1, 2.5, "key")])
    queue.begin(1, 1)
    assert queue.under_way() == (1,)
    queue.finish(queue.jobs()[0], 1, "fake", SPENT)
    (job,) = queue.jobs()
    assert (job.state, job.worth, job.done_key, job.is_due) == (State.DONE, 2.5, "key", False)
    assert job.weighed is not None and job.weighed.paths == ("mm/x\udcff.c",)
    (finished,) = queue.finished()
    assert (finished.spent, finished.name, queue.under_way()) == (SPENT, "0001-one", ())
    queue.rank([(1, 2.5, "another")])
    assert queue.jobs()[0].is_stale


def test_a_crash_counts_for_the_patch_that_was_in_hand_and_is_forgiven_once_it_was_read(queue: Queue) -> None:
    for name in ("one", "two"):
        queue.add(single(name))
    for _ in range(CRASHES - 1):
        queue.take_in_hand(1)
        assert queue.recover() == ()
    queue.take_in_hand(1)
    queue.put_down(1)
    for _ in range(CRASHES - 1):
        queue.take_in_hand(1)
        assert queue.recover() == ()
    queue.take_in_hand(1)
    assert queue.recover() == (1,)
    assert [(job.state, job.reason) for job in queue.jobs()] == [(State.FAILED, CRASHED), (State.WAITING, "")]


def test_only_what_failed_can_be_retried(queue: Queue) -> None:
    for name in ("one", "two", "three"):
        queue.add(single(name))
    queue.fail(1, "broken")
    queue.fail(3, "broken too")
    with pytest.raises(UsageError, match="job 2 has not failed"):
        queue.retry([2])
    assert queue.retry([3]) == 1
    assert queue.retry([]) == 1
    assert {job.state for job in queue.jobs()} == {State.WAITING}


def test_what_is_removed_can_be_added_again(queue: Queue) -> None:
    queue.add(single("one"))
    queue.finish(queue.jobs()[0], 1, "", SPENT)
    queue.remove([1])
    assert (queue.jobs(), queue.finished()) == ((), ())
    assert queue.add(single("one")) == 1


def test_two_processes_use_one_queue(queue: Queue) -> None:
    with open_queue(queue.directory) as other:
        queue.add(single("one"))
        assert len(other.jobs()) == 1
        number = runs.start(queue, 10, None, "", "/tree")
        runs.ask_to_stop(other)
        assert runs.is_asked_to_stop(queue, number)
        later = runs.start(queue, 20, None, "", "/tree")
        assert not runs.is_asked_to_stop(queue, later)
        runs.end(queue, later, 30, "the deadline")
        last = runs.latest(other)
        assert last is not None and (last.number, last.ended, last.ending) == (later, 30, "the deadline")


def test_a_file_that_is_no_queue_is_told(tmp_path: Path) -> None:
    (tmp_path / "queue.sqlite").write_text("not a database, and long enough to be looked at" * 40)
    with pytest.raises(MachineError, match="is damaged"), open_queue(tmp_path):
        pass
    other = tmp_path / "newer"
    other.mkdir()
    connection = sqlite3.connect(other / "queue.sqlite")
    connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(MachineError, match="is of schema 99"), open_queue(other):
        pass


def test_one_run_at_a_time(tmp_path: Path) -> None:
    assert not files.is_running(tmp_path)
    with files.run_lock(tmp_path):
        assert files.is_running(tmp_path)
        with pytest.raises(LockHeld, match=r"process \d+ is running queue"), files.run_lock(tmp_path):
            pass
    assert not files.is_running(tmp_path)


def test_a_review_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write_both(tmp_path, "0001-one", "{}", "reply\x1b[2J")
    assert files.reply_path(tmp_path, "0001-one").read_text() == "reply\\x1b[2J"

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MachineError, match=r"cannot write '.*0001-one.json': No space left on device"):
        files.write_both(tmp_path, "0001-one", "{'new'}", "new")
    assert files.review_path(tmp_path, "0001-one").read_text() == "{}"
    assert not list(tmp_path.rglob("*.part"))


def job(number: int, series: str, worth: float, tokens: int, place: int = 0) -> Job:
    return Job(number, series, place, "", "", "", State.WAITING, "", worth, Weighed(tokens=tokens), "", "", "", "")


def test_the_best_come_first_and_a_series_stays_together() -> None:
    jobs = (
        job(1, "a", 1.0, 10),
        job(2, "b", 0.1, 10, 0),
        job(3, "b", 5.0, 10, 1),
        job(4, "c", 1.0, 5),
        job(5, "d", 9.0, 900),
    )
    assert [one.number for one in in_order(reversed(jobs))] == [5, 2, 3, 4, 1]
