"""A batch that is killed again and again, parent or child, ends in the bytes of one that nothing happened to."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.batch.gather import gather
from lrev.batch.jobs import State
from lrev.batch.queue import open_queue
from lrev.indexing.build import build
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder
from lrev.types import Series
from tests.conftest import SEED
from tests.model.conftest import ROOT
from tests.unit.batch.batches import TREE, files_of
from tests.unit.batch.patches import write_mailbox, write_series

pytestmark = pytest.mark.model

JOBS = 30
# Who is killed when. A job would fail that loses its model twice in one run, so the parent goes next; or that is in
# hand at three kills in a row. Whatever the speed of a machine, something has to be left to be killed over: while jobs
# are weighed none is done, three kills leave some of the quiet jobs, and an answer takes longer than it is given.
KILLS = ("start", "weighed") * 2 + ("done",) * 3 + ("child", "answer") * 4 + ("start", "answer") * 2 + ("answer",)
WORDS = {"child": "begun", "answer": "begun", "start": "ready", "weighed": "weighed", "done": "done"}
ASKED = 4  # jobs about which the model is asked; the worth of a question puts them in front
# A kill comes after a word of the run: a moment later, or somewhere in an answer of the model.
MOMENT_SECONDS, ANSWER_SECONDS = 0.06, 1.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch")
    build(sources_of([TREE], []), folder / "index", FakeEmbedder())
    write_mailbox(folder / "quiet", range(ASKED + 1, JOBS + 1), are_quiet=True)
    write_mailbox(folder / "mailbox", range(1, ASKED - 1))
    write_series(folder / "series", ASKED - 1, 2)
    return folder


def filled(folder: Path, name: str) -> Path:
    """A folder with the same index and a queue of its own."""
    own = folder / name
    own.mkdir()
    (own / "index").symlink_to(folder / "index")
    with open_queue(own / "queue") as queue:
        assert sum(queue.add(one) for file in ("quiet", "mailbox", "series") for one in _series(folder / file)) == JOBS
    return own


def _series(path: Path) -> Iterator[Series]:
    return iter(gather(str(path), None, None))


class Run:
    """A run under way."""

    def __init__(self, folder: Path, model: Path) -> None:
        command = [sys.executable, "-m", "tests.model.batch_program", str(folder), str(model)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def wait_for(self, word: str) -> bool:
        """Until it says so; False when it has ended before."""
        assert self._process.stdout is not None
        return any(line.startswith(word) for line in self._process.stdout)

    def kill(self) -> None:
        self._process.kill()
        self.end()

    def kill_child(self) -> bool:
        """False when there is none at the moment."""
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children")
        found = children.read_text().split() if children.exists() else []
        if found:
            _kill(int(found[-1]))
        return bool(found)

    def end(self) -> int:
        code = self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code


def _kill(process: int) -> None:
    subprocess.run(["/bin/kill", f"-{signal.SIGKILL.value}", str(process)], check=False)


def test_a_batch_that_is_killed_ends_in_the_bytes_of_an_undisturbed_one(folder: Path, smollm2_path: Path) -> None:
    undisturbed, disturbed = filled(folder, "undisturbed"), filled(folder, "disturbed")
    whole = Run(undisturbed, smollm2_path)
    assert whole.wait_for("ended 0 0")
    assert whole.end() == 0
    kills = kill_again_and_again(disturbed, smollm2_path)
    assert kills == len(KILLS) == 20
    with open_queue(disturbed / "queue") as queue:
        assert [job.reason for job in queue.jobs() if job.state is not State.DONE] == []
    expected = files_of(undisturbed / "queue")
    assert len(expected) == 2 * JOBS
    assert files_of(disturbed / "queue") == expected


def kill_again_and_again(folder: Path, model: Path) -> int:
    """How often; the last run is left to its end."""
    chance = random.Random(SEED)
    run = Run(folder, model)
    for kills, kind in enumerate(KILLS):
        if not run.wait_for(WORDS[kind]):
            run.end()
            return kills
        time.sleep(chance.uniform(0, ANSWER_SECONDS if WORDS[kind] == "begun" else MOMENT_SECONDS))
        if kind == "child":
            assert run.kill_child()
        else:
            run.kill()
            run = Run(folder, model)
    run.wait_for("ended 0 0")
    assert run.end() == 0
    return len(KILLS)
