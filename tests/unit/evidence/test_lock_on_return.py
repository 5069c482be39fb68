from __future__ import annotations

import pytest

from lrev.types import Fact, FactKind, FactOrigin
from tests.unit.evidence.checking import Known, check_change, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/locks.c")
BAD = [name for name in names(DATA) if name.startswith("bad_")]
STRAY = [name for name in names(DATA) if name.startswith("stray_")]
GOOD = [name for name in names(DATA) if not name.startswith(("bad_", "stray_", "known_"))]


def test_the_samples_are_there() -> None:
    assert len(BAD) >= 6
    assert len(GOOD) >= 15


@pytest.mark.parametrize("name", BAD)
def test_a_lock_held_on_one_way_out_is_found(name: str) -> None:
    (found,) = check_new(DATA, name)
    assert (found.check, found.mechanism, found.function) == ("lock-on-return", "lock held on return", name)
    assert not found.pre_existing
    lines = DATA.decode().split("\n")
    assert "return" in lines[found.line - 1]
    assert all(lines[step.line - 1].strip() == step.text for step in found.trace)
    assert "lock" in found.trace[0].text
    assert found.trace[-1].line == found.line


@pytest.mark.parametrize("name", GOOD)
def test_a_lock_that_is_dropped_or_meant_to_be_held_is_not(name: str) -> None:
    assert check_new(DATA, name) == ()


def test_the_message_and_the_trace_say_how() -> None:
    (found,) = check_new(DATA, "bad_early_return")
    assert found.line == 7
    assert found.message == (
        "`lamp->lock` taken at line 5 is still held when this returns -ENODEV; other paths unlock it."
    )
    assert [(step.line, step.note) for step in found.trace] == [
        (5, "takes `lamp->lock`"),
        (6, "`lamp->gone` is true"),
        (7, "returns here"),
    ]


def test_a_callee_that_is_known_to_release_may_drop_it() -> None:
    data = DATA.replace(b"lamp_show(lamp->next);", b"lamp_show(lamp);").replace(
        b"\tif (lamp->gone)\n\t\treturn -ENODEV;\n\tlamp_show(lamp);",
        b"\tif (lamp->gone)\n\t\treturn lamp_fail(lamp) ? -EIO : -ENODEV;\n\tlamp_show(lamp);",
    )
    assert check_new(data, "bad_early_return")
    fact = Fact("lamp_fail", FactKind.RELEASES, "&lamp->lock", FactOrigin.DECLARED, "b", 1)
    assert check_new(data, "bad_early_return", Known({"lamp_fail": (fact,)})) == ()


def test_what_was_wrong_before_is_said_to_be() -> None:
    after = DATA.replace(b"\t\treturn -ENODEV;\n\tlamp_show(lamp);", b"\t\treturn -EIO;\n\tlamp_show(lamp);")
    (found,) = check_change(DATA, after, "bad_early_return")
    assert found.pre_existing


def test_a_removed_unlock_is_new() -> None:
    after = DATA.replace(
        b"\t\tmutex_unlock(&lamp->lock);\n\t\treturn -ENODEV;\n\t}\n\tmutex", b"\t\treturn -ENODEV;\n\t}\n\tmutex", 1
    )
    (found,) = check_change(DATA, after, "good_early_return")
    assert not found.pre_existing
    assert check_change(after, DATA, "good_early_return") == ()


def test_paths_that_the_patch_does_not_touch_are_not_its_own() -> None:
    after = DATA.replace(
        b"\tlamp_show(lamp);\n\tmutex_unlock(&lamp->lock);\n\treturn err;",
        b"\tlamp_show(lamp);\n\tlamp_hide(lamp);\n\tmutex_unlock(&lamp->lock);\n\treturn err;",
        1,
    )
    assert after != DATA
    assert check_change(DATA, after, "bad_early_return") == ()


def test_a_function_that_is_not_whole_proves_nothing() -> None:
    broken = DATA.replace(
        b"\tlamp_show(lamp);\n\tmutex_unlock(&lamp->lock);\n\treturn err;",
        b"\tlamp_show(@ lamp));\n\tmutex_unlock(&lamp->lock);\n\treturn err;",
        1,
    )
    assert broken != DATA
    assert check_new(broken, "bad_early_return") == ()


@pytest.mark.parametrize("name", STRAY)
def test_a_lock_that_was_not_taken_on_one_way_is_found(name: str) -> None:
    (found,) = check_new(DATA, name)
    assert (found.check, found.mechanism) == ("lock-on-return", "unlock without lock")
    assert "unlock" in DATA.decode().split("\n")[found.line - 1]


def test_what_a_callee_locks_and_may_leave_locked_is_no_stray() -> None:
    name = "known_found_or_new"
    (found,) = check_new(DATA, name)
    assert found.mechanism == "unlock without lock"
    assert check_new(DATA, name, Known(source=DATA)) == ()
