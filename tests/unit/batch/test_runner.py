"""A run over the examples with models that are made up: what it leaves, whatever happens to it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lrev.batch import runs
from lrev.batch.deadline import Deadline
from lrev.batch.digesting import digest_of
from lrev.batch.events import Event, Kind
from lrev.batch.gather import gather
from lrev.batch.jobs import State
from lrev.batch.queue import CRASHED, CRASHES, Queue, open_queue
from lrev.batch.terms import BATTERY, DEADLINE, EMPTY, STOPPED, Terms
from lrev.errors import MachineError
from lrev.indexing.reader import Index
from lrev.paths import prompts_directory
from lrev.review.images import FileImages
from lrev.review.pipeline import Examined, Resources, examine
from lrev.review.remarks import Laid
from lrev.types import Prompt
from tests.unit.batch.batches import CLEAN, NOON, Model, files_of, resources, run
from tests.unit.batch.patches import write_mailbox, write_series


def filled(queue: Queue) -> Queue:
    """Two patches by themselves and a series of two."""
    mailbox = write_mailbox(queue.directory / "mailbox", (1, 2))
    for source in (mailbox, write_series(queue.directory / "series", 3, 2)):
        for series in gather(str(source), None, None):
            queue.add(series)
    return queue


def asks(prompts: Sequence[Prompt], words: str) -> bool:
    """Whether the patch that is asked about is of this subject."""
    return any(words in segment for prompt in prompts for segment in prompt.segments)


@pytest.fixture
def undisturbed(index: Index, tmp_path: Path) -> dict[str, bytes]:
    model = Model()
    with open_queue(tmp_path / "undisturbed") as queue:
        assert run(filled(queue), resources(index, tmp_path / "cache", model), [model]).done == 4
    return files_of(tmp_path / "undisturbed")


def test_all_that_waits_is_reviewed_and_nothing_twice(queue: Queue, index: Index, tmp_path: Path) -> None:
    model = Model()
    made_with = resources(index, tmp_path / "cache", model)
    outcome = run(filled(queue), made_with, [model])
    assert (outcome.done, outcome.failed, outcome.unreached, outcome.ending) == (4, 0, 0, EMPTY)
    assert len(files_of(queue.directory)) == 8
    assert {job.state for job in queue.jobs()} == {State.DONE}
    assert "answer" in model.calls
    again = Model()
    assert run(filled(queue), made_with, [again]).done == 0
    assert "answer" not in again.calls


def test_each_job_begins_with_a_model_that_has_forgotten(queue: Queue, index: Index, tmp_path: Path) -> None:
    model = Model()
    run(filled(queue), resources(index, tmp_path / "cache", model), [model])
    assert model.calls[0] == "forget"
    assert model.calls.count("forget") >= 2


@pytest.mark.parametrize("lanes", [1, 3])
def test_what_is_left_does_not_depend_on_lanes(
    queue: Queue, index: Index, tmp_path: Path, undisturbed: dict[str, bytes], lanes: int
) -> None:
    models = [Model() for _ in range(lanes)]
    run(filled(queue), resources(index, tmp_path / "cache", models[0]), models)
    assert files_of(queue.directory) == undisturbed


def test_the_examples_of_a_rule_are_asked_before_the_first_job(queue: Queue, index: Index, tmp_path: Path) -> None:
    deaths = ["hung"]
    model = Model(lambda prompts: deaths.pop() if deaths else "")
    made_with = resources(index, tmp_path / "cache", model, calibrated=False)
    told: list[Event] = []
    assert run(filled(queue), made_with, [model], tell=told.append).done == 4
    assert [event.text for event in told if event.kind is Kind.CALIBRATED] == ["list-removal-while-walking"]
    assert [event.text for event in told if event.kind is Kind.RESTARTED] == ["the model process hung"]
    assert list((tmp_path / "cache").glob("*.json"))


def test_a_model_that_dies_once_is_started_again(
    queue: Queue, index: Index, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    deaths = ["died with signal 9"]
    model = Model(lambda prompts: deaths.pop() if deaths and asks(prompts, "after 2 rounds") else "")
    told: list[Event] = []
    outcome = run(filled(queue), resources(index, tmp_path / "cache", model), [model], tell=told.append)
    assert (outcome.done, outcome.failed) == (4, 0)
    assert "restart" in model.calls
    assert [event.text for event in told if event.kind is Kind.RESTARTED] == ["the model process died with signal 9"]
    assert files_of(queue.directory) == undisturbed


def test_a_job_over_which_the_model_dies_again_fails_and_can_be_retried(
    queue: Queue, index: Index, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    fatal = Model(lambda prompts: "died with signal 6" if asks(prompts, "after 2 rounds") else "")
    outcome = run(filled(queue), resources(index, tmp_path / "cache", fatal), [fatal])
    assert (outcome.done, outcome.failed) == (3, 1)
    (failed,) = [job for job in queue.jobs() if job.state is State.FAILED]
    assert failed.reason == "the model process died with signal 6, 2 times"
    assert queue.retry([failed.number]) == 1
    sound = Model()
    assert run(queue, resources(index, tmp_path / "cache", sound), [sound]).done == 1
    assert files_of(queue.directory) == undisturbed


def test_a_machine_that_has_no_model_left_ends_the_run_and_loses_nothing(
    queue: Queue, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Model(lambda prompts: "died with signal 9" if asks(prompts, "after 2 rounds") else "")

    def refused() -> None:
        raise MachineError("no memory for another")

    monkeypatch.setattr(model, "restart", refused)
    with pytest.raises(MachineError, match="no memory for another"):
        run(filled(queue), resources(index, tmp_path / "cache", model), [model])
    assert State.FAILED not in {job.state for job in queue.jobs()}
    last = runs.latest(queue)
    assert last is not None and last.ending == "it was broken off"
    assert not queue.recover()


def test_a_defect_over_one_patch_costs_that_patch(
    queue: Queue, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(laid: Laid, images: tuple[FileImages, ...], made_with: Resources) -> Examined:
        if "after 2" in laid.patch.subject:
            raise KeyError("lamp")
        return examine(laid, images, made_with)

    monkeypatch.setattr("lrev.batch.desk.examine", broken)
    outcome = run(filled(queue), resources(index, tmp_path, None))
    assert (outcome.done, outcome.failed) == (3, 1)
    (failed,) = [job for job in queue.jobs() if job.state is State.FAILED]
    assert failed.reason.startswith("a defect of lrev, KeyError: 'lamp'; the report is '")


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_stop_finishes_what_was_begun(
    queue: Queue, index: Index, tmp_path: Path, undisturbed: dict[str, bytes], after: int
) -> None:
    model = Model()
    told: list[Event] = []

    def is_stopped() -> bool:
        return sum(event.kind is Kind.DONE for event in told) >= after

    terms = Terms(Deadline(None, lambda: NOON), is_stopped=is_stopped)
    outcome = run(filled(queue), resources(index, tmp_path / "cache", model), [model], terms, told.append)
    assert outcome.ending == STOPPED
    assert after <= outcome.done < 4
    assert outcome.done + outcome.unreached == 4
    assert run(queue, resources(index, tmp_path / "cache", model), [model]).ending == EMPTY
    assert files_of(queue.directory) == undisturbed


def test_a_request_to_stop_is_for_the_run_that_is_on(queue: Queue, index: Index, tmp_path: Path) -> None:
    def ask_then_tell(event: Event) -> None:
        if event.kind is Kind.DONE:
            runs.ask_to_stop(queue)

    outcome = run(filled(queue), resources(index, tmp_path, None), tell=ask_then_tell)
    assert (outcome.done, outcome.ending) == (1, STOPPED)
    assert run(queue, resources(index, tmp_path, None)).done == 3


def test_the_deadline_decides_which_jobs_run_and_never_how(
    queue: Queue, index: Index, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    model = Model()
    terms = Terms(Deadline(int(NOON) + 1, lambda: NOON))
    outcome = run(filled(queue), resources(index, tmp_path / "cache", model), [model], terms)
    assert outcome.ending == DEADLINE
    assert outcome.unreached > 0
    assert outcome.done + outcome.unreached == 4
    left = files_of(queue.directory)
    assert all(undisturbed[name] == data for name, data in left.items())
    digest = digest_of(queue)
    assert digest is not None
    assert (len(digest.reviewed), len(digest.unreached)) == (outcome.done, outcome.unreached)


def test_patches_about_which_nothing_is_asked_do_not_wait_for_the_model(
    queue: Queue, index: Index, tmp_path: Path
) -> None:
    quiet = write_mailbox(tmp_path / "quiet", (8, 9), are_quiet=True)
    for series in (*gather(str(quiet), None, None), *gather(str(write_mailbox(tmp_path / "one", (1,))), None, None)):
        queue.add(series)
    done: list[int] = []

    def slow(_: Sequence[Prompt]) -> str:
        while len(done) < 2:
            time.sleep(0.01)
        return ""

    def tell(event: Event) -> None:
        if event.kind is Kind.DONE:
            done.append(event.job)

    model = Model(slow)
    assert run(queue, resources(index, tmp_path / "cache", model), [model], tell=tell).done == 3
    assert done == [1, 2, 3]


def test_nothing_is_begun_after_the_deadline_or_on_battery(queue: Queue, index: Index, tmp_path: Path) -> None:
    filled(queue)
    over = Terms(Deadline(int(NOON) - 1, lambda: NOON))
    assert run(queue, resources(index, tmp_path, None), terms=over).ending == DEADLINE
    unplugged = Terms(Deadline(None, lambda: NOON), is_on_battery=lambda: True)
    assert run(queue, resources(index, tmp_path, None), terms=unplugged).ending == BATTERY
    assert not files_of(queue.directory)


def test_a_run_waits_while_others_need_the_machine(
    queue: Queue, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrev.batch.runner._WAIT_SECONDS", 0)
    busy = [False, True, True]
    told: list[Event] = []
    terms = Terms(Deadline(None, lambda: NOON), is_busy=lambda: bool(busy and busy.pop()))
    assert run(filled(queue), resources(index, tmp_path, None), (), terms, told.append).done == 4
    assert sum(event.kind is Kind.WAITING for event in told) == 1


def test_a_changed_rule_makes_only_its_own_reviews_stale(queue: Queue, index: Index, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts"
    shutil.copytree(prompts_directory(), prompts)
    filled(queue)
    for series in gather(str(CLEAN), None, None):
        queue.add(series)
    assert run(queue, resources(index, tmp_path, None, prompts)).done == 5
    before = files_of(queue.directory)
    (path,) = (prompts / "rules").glob("*/allocation-unchecked.md")
    path.write_text(path.read_text() + "\nOne more thing.\n")
    assert run(queue, resources(index, tmp_path, None, prompts)).done == 1
    changed = [name for name, data in files_of(queue.directory).items() if before[name] != data]
    assert changed == ["reviews/0005-" + Path(changed[0]).name.partition("-")[2]]
    (prompts / "questions" / "closed.md").write_text("Another question.\n")
    assert run(queue, resources(index, tmp_path, None, prompts)).done == 5


def test_another_model_makes_all_reviews_stale_and_keeps_them_until_there_are_new_ones(
    queue: Queue, index: Index, tmp_path: Path
) -> None:
    assert run(filled(queue), resources(index, tmp_path, None)).done == 4
    before = files_of(queue.directory)
    model = Model()
    stopped = Terms(Deadline(None, lambda: NOON), is_stopped=lambda: True)
    assert run(queue, resources(index, tmp_path, model), [model], stopped).unreached == 4
    assert files_of(queue.directory) == before
    assert all(job.is_stale for job in queue.jobs())
    assert run(queue, resources(index, tmp_path, model), [model]).done == 4
    assert files_of(queue.directory) != before


def test_a_patch_over_which_lrev_died_again_and_again_is_given_up(queue: Queue, index: Index, tmp_path: Path) -> None:
    filled(queue)
    for _ in range(CRASHES):
        queue.take_in_hand(2)
        queue.recover()
    outcome = run(queue, resources(index, tmp_path, None))
    assert (outcome.done, outcome.failed) == (3, 0)
    assert [(job.number, job.reason) for job in queue.jobs() if job.state is State.FAILED] == [(2, CRASHED)]


def test_a_full_disk_ends_a_run_before_anything_is_lost(
    queue: Queue, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(queue)
    monkeypatch.setattr("lrev.batch.files.LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(MachineError, match="is full"):
        run(queue, resources(index, tmp_path, None))
    monkeypatch.undo()
    assert run(queue, resources(index, tmp_path, None)).done == 4


def test_a_digest_tells_of_each_job_where_its_time_went(queue: Queue, index: Index, tmp_path: Path) -> None:
    assert digest_of(queue) is None
    run(filled(queue), resources(index, tmp_path, None))
    digest = digest_of(queue)
    assert digest is not None
    assert [one.job for one in digest.reviewed] == [1, 2, 3, 4]
    assert all((queue.directory / one.json_path).is_file() for one in digest.reviewed)
    assert all((queue.directory / one.reply_path).is_file() for one in digest.reviewed)
    assert [stage.name for stage in digest.reviewed[0].stages] == ["code", "context", "model"]
    assert all(one.fresh and one.seconds > 0 and one.subsystem for one in digest.reviewed)
    assert {one.worth for one in digest.reviewed} == {job.worth for job in queue.jobs()}
    runs.remember_told(queue, ["mark"], digest.run.number)
    again = digest_of(queue)
    assert again is not None and not again.told_before  # the page of a run may be written twice
    run(queue, resources(index, tmp_path, None))
    later = digest_of(queue)
    assert later is not None and not any(one.fresh for one in later.reviewed)
    assert later.told_before == {"mark"}
