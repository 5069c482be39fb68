"""Battery, load and the clock, as files and numbers tell them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lrev.batch.deadline import Deadline, Pace, parse_until
from lrev.batch.machine import is_on_battery, load_of_others, step_back
from lrev.batch.queue import Finished, Spent
from lrev.errors import UsageError
from lrev.types import Tokens

NOW = 1709553600.0  # 2024-03-04 12:00 UTC


def supply(folder: Path, name: str, **words: str) -> None:
    (folder / name).mkdir()
    for word, value in words.items():
        (folder / name / word).write_text(value + "\n")


def test_a_machine_without_a_battery_is_never_on_one(tmp_path: Path) -> None:
    assert not is_on_battery(tmp_path / "absent")
    supply(tmp_path, "AC", type="Mains", online="0")
    assert not is_on_battery(tmp_path)


@pytest.mark.parametrize(
    ("status", "online", "is_on"), [("Discharging", "0", True), ("Discharging", "1", False), ("Charging", "1", False)]
)
def test_a_battery_that_discharges_without_mains(tmp_path: Path, status: str, online: str, is_on: bool) -> None:
    supply(tmp_path, "AC", type="Mains", online=online)
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert is_on_battery(tmp_path) is is_on


def test_the_battery_of_a_mouse_is_not_the_machines(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp", type="Battery", status="Discharging", scope="Device")
    assert not is_on_battery(tmp_path)


def test_the_load_of_others_is_what_is_left_of_all(tmp_path: Path) -> None:
    path = tmp_path / "loadavg"
    path.write_text("5.50 3.00 1.00 3/200 1234\n")
    assert load_of_others(2, path) == 3.5
    assert load_of_others(8, path) == 0
    assert load_of_others(0, tmp_path / "absent") == 0


def test_stepping_back_twice_is_stepping_back_once() -> None:
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) >= 10
        return
    step_back()
    step_back()
    os._exit(os.nice(0))


def test_a_time_that_has_passed_today_is_tomorrows() -> None:
    assert parse_until("12:01", NOW) == NOW + 60
    assert parse_until("12:00", NOW) == NOW + 86400
    assert parse_until("7:30", NOW) == NOW + 19.5 * 3600
    assert parse_until("2024-03-05T07:30", NOW) == NOW + 19.5 * 3600


def test_the_night_in_which_summer_begins_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    evening = 1711825200.0  # 2024-03-30 20:00 CET
    assert parse_until("07:30", evening) == evening + 10.5 * 3600


@pytest.mark.parametrize("text", ["24:00", "half past seven", "7", "07:60"])
def test_what_is_no_time_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        parse_until(text, NOW)


def test_a_job_that_would_not_be_done_is_not_begun() -> None:
    deadline = Deadline(int(NOW) + 60, lambda: NOW)
    assert deadline.allows(60) and not deadline.allows(61) and not deadline.is_over
    assert Deadline(int(NOW), lambda: NOW).is_over
    assert Deadline(None, lambda: NOW).allows(1e9)


def test_the_pace_is_that_of_the_same_model() -> None:
    def finished(model: str, seconds: float) -> Finished:
        return Finished(1, 1, "", model, Spent(0, 0, seconds, 1000, Tokens()))

    assert Pace([], "fake").seconds(4000) == 100
    pace = Pace([finished("fake", 10), finished("other", 900), finished("fake", 30)], "fake")
    assert pace.seconds(500) == 10
    for _ in range(60):
        pace.learn(2, 1000)
    pace.learn(0, 0)
    assert pace.seconds(500) == 1
