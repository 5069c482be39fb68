"""lrev batch from the command line, as far as it goes without an index."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from lrev.batch import files, runs
from lrev.batch.events import Event, Kind
from lrev.batch.queue import open_queue
from lrev.cli.batch_progress import _line
from lrev.cli.batch_status import duration
from lrev.paths import PROJECT_ROOT
from tests.unit.batch.batches import CLEAN, SERIES
from tests.unit.batch.patches import write_mailbox


def lrev(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because it seals itself."""
    command = [sys.executable, "-m", "lrev", "batch", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


def test_what_is_added_is_told_and_stays_when_the_input_goes(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    mailbox = write_mailbox(tmp_path / "mailbox", (1, 2))
    added = lrev("add", SERIES, CLEAN, mailbox, "--queue", queue)
    assert (added.returncode, added.stdout) == (0, "")
    assert added.stderr.splitlines()[-1] == f"lrev: {mailbox}: 2 of 2 patches added"
    again = lrev("add", mailbox, "--queue", queue)
    assert again.stderr == f"lrev: {mailbox}: 0 of 2 patches added, 2 were there already\n"
    mailbox.unlink()
    found = lrev("status", "--json", "--queue", queue)
    assert json.loads(found.stdout) | {"left_seconds": None} == {
        "running": False,
        "done": 0,
        "waiting": 6,
        "stale": 0,
        "under_way": [],
        "failed": [],
        "tokens_per_second": 0.0,
        "seconds_per_job": 0.0,
        "left_seconds": None,
        "run": None,
    }
    report = lrev("report", "--queue", queue)
    assert report.returncode == 2
    assert report.stderr.startswith("lrev: error: no run has been made yet\n")


def test_the_report_is_a_page_beside_the_queue_or_text(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    with open_queue(queue) as opened:
        number = runs.start(opened, 1_700_000_000, None, "", "/srv/linux")
        runs.end(opened, number, 1_700_000_060, "the queue was empty")
    report = lrev("report", "--queue", queue)
    page = queue / "morning-0001.html"
    assert (report.returncode, report.stdout) == (0, f"{page}\n")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "it ended because the queue was empty." in page.read_text()
    assert lrev("report", "--text", "--queue", queue).stdout.startswith("lrev: reviews of run 1\n")


def test_a_query_chooses_and_needs_something_to_choose_from(tmp_path: Path) -> None:
    mailbox = write_mailbox(tmp_path / "mailbox", (1, 2, 3))
    chosen = lrev("add", mailbox, "subject:after 2", "--queue", tmp_path / "queue")
    assert chosen.stderr == f"lrev: {mailbox}: 1 of 1 patches added\n"
    nothing = lrev("add", "since:yesterday", "--queue", tmp_path / "queue")
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("lrev: error: no INPUT\n")


def test_what_failed_is_shown_and_waits_again(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    lrev("add", write_mailbox(tmp_path / "mailbox", (1, 2)), "--queue", queue)
    with open_queue(queue) as opened:
        opened.fail(2, "the model process hung, 2 times")
    shown = lrev("status", "--queue", queue).stdout
    assert shown.startswith("0 done, 1 waiting, 0 stale, 1 failed\n")
    assert "failed: 2 'pebble: settle buffers after 2 rounds': the model process hung, 2 times" in shown
    assert lrev("retry", "1", "--queue", queue).returncode == 2
    assert lrev("retry", "--queue", queue).stderr == "lrev: 1 job waits again\n"


def test_while_a_run_is_on_no_other_begins_and_nothing_is_cleared(tmp_path: Path) -> None:
    queue = tmp_path / "queue"
    lrev("add", CLEAN, "--queue", queue)
    assert lrev("stop", "--queue", queue).stderr == f"lrev: no run is on in queue '{queue}'\n"
    with files.run_lock(queue):
        for command in (("run", "--no-model", "--no-nice", "--on-battery"), ("clear", "--all")):
            refused = lrev(*command, "--queue", queue)
            assert refused.returncode == 5
            assert "is running queue" in refused.stderr
        assert lrev("stop", "--queue", queue).stderr.startswith("lrev: it ends once")
    assert lrev("clear", "--queue", queue).stderr == "lrev: 0 jobs forgotten\n"
    assert lrev("clear", "--all", "--queue", queue).stderr == "lrev: 1 job forgotten\n"


def test_what_a_log_says_of_a_job() -> None:
    done = Event(Kind.DONE, 7, "lamp: light it", 3, 40, 65.0, 81.4, 5400.0, 1)
    assert _line(done) == "3 of 40: 7 'lamp: light it', 1 comment, 1 min at 81 tokens/s, 1 h 30 min left"
    assert (
        _line(Event(Kind.DONE, 7, "lamp: light it", 3, 40)) == "3 of 40: 7 'lamp: light it', 0 comments, by code alone"
    )
    assert [duration(seconds) for seconds in (0.4, 59, 61, 3600, 3 * 3600 + 300)] == [
        "0 s",
        "59 s",
        "1 min",
        "1 h 00 min",
        "3 h 05 min",
    ]
