from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.indexing.reader import Index
from tests.unit.indexing.inferring import index_of, inferred, update
from tests.unit.samples import read_sample

LAMP_H = """\
#define wait_for_lamp(lamp) do { might_sleep(); } while (0)
#define lamp_both(lamp) might_sleep()
static inline void lamp_stubbed(struct lamp *lamp) { }
"""
OTHER_C = """\
static void hidden(struct lamp *lamp)
{
	might_sleep();
}

static void straight(struct lamp *lamp)
{
	lamp_look(lamp);
}

void uses_own(struct lamp *lamp)
{
	straight(lamp);
	hidden(lamp);
}

void uses_quiet(struct lamp *lamp)
{
	straight(lamp);
}

void lamp_split(struct lamp *lamp)
{
	lamp_look(lamp);
}
"""
SPLIT_C = "void lamp_split(struct lamp *lamp)\n{\n\tmight_sleep();\n}\n"
TOOL_C = "void tool_wait(struct lamp *lamp)\n{\n\tmight_sleep();\n}\n"
PRIVATE_H = "static inline void lamp_private(int a)\n{\n\tmight_sleep();\n}\n"
PRIVATE_C = "void uses_private(int a)\n{\n\tlamp_private(a);\n}\n"
FILES = {
    "drivers/lamp/lamp.c": read_sample("c/sleeping.c").decode(),
    "drivers/lamp/other.c": OTHER_C,
    "drivers/lamp/split.c": SPLIT_C,
    "drivers/lamp/deep/private.c": PRIVATE_C,
    "drivers/lamp/private.h": PRIVATE_H,
    "drivers/room/private.c": PRIVATE_C.replace("uses_private", "uses_no_private"),
    "include/linux/lamp.h": LAMP_H,
    "tools/lamp/wait.c": TOOL_C + "void tool_main(void)\n{\n\tmight_sleep();\n}\n",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with index_of(tmp_path_factory.mktemp("sleeping"), FILES) as opened:
        yield opened


def told(index: Index, name: str) -> list[str]:
    return [one.removeprefix("may sleep ") for one in inferred(index, name) if one.startswith("may sleep")]


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("two_away", ["by three_away"]),
        ("three_away", ["by straight"]),
        ("after_failure", ["by straight"]),
        ("uses_macro", ["by wait_for_lamp"]),
        ("uses_stubbed", ["by lamp_stubbed"]),
        ("uses_private", ["by lamp_private"]),
    ],
)
def test_what_always_calls_a_sleeper_sleeps(index: Index, function: str, known: list[str]) -> None:
    assert told(index, function) == known


@pytest.mark.parametrize(
    ("function", "callee"),
    [
        ("in_branch", "straight"),
        ("after_success", "straight"),
        ("by_flag", "straight"),
        ("when_not_atomic", "straight"),
        ("broken", "straight"),
        ("unsure", "hands_on"),
    ],
)
def test_what_may_pass_by_the_call_sleeps_on_some_paths(index: Index, function: str, callee: str) -> None:
    assert told(index, function) == [f"by {callee}, on some paths"]


def test_what_is_only_sometimes_so_goes_no_further(index: Index) -> None:
    assert told(index, "above_branch") == []


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("allocates", ["by might_alloc, argument 1 allows it (gfp)"]),
        ("hands_on", ["by allocates, argument 2 allows it (gfp)"]),
        ("own_flags", ["by allocates, argument 2 allows it (gfp)"]),
        ("by_branch", ["by might_sleep, argument 1 allows it (gfp)"]),
        ("waits", ["by hands_on"]),
        ("hurries", []),
        ("faults", ["by might_fault, page faults are enabled"]),
    ],
)
def test_conditions_are_carried(index: Index, function: str, known: list[str]) -> None:
    assert told(index, function) == known


@pytest.mark.parametrize(
    "function", ["talks", "printk", "spin_lock", "through_member", "round_one", "round_two", "itself", "uses_both"]
)
def test_what_does_not_sleep(index: Index, function: str) -> None:
    """printk and spin locks whatever they call, through members, in a circle without an end, and by a macro that a
    function stands beside."""
    assert told(index, function) == []


def test_a_circle_sleeps_by_what_it_calls(index: Index) -> None:
    assert told(index, "spiral_one") == ["by straight"]
    assert told(index, "spiral_two") == ["by spiral_one"]


def test_a_static_function_is_that_of_its_own_file(index: Index) -> None:
    assert told(index, "uses_quiet") == []
    assert told(index, "uses_own") == ["by hidden"]
    assert told(index, "uses_hidden") == []
    assert inferred(index, "straight", "drivers/lamp/other.c") == []


def test_a_header_of_a_directory_is_seen_from_there_only(index: Index) -> None:
    assert told(index, "uses_no_private") == []


def test_of_three_definitions_one_that_sleeps_is_too_few(index: Index) -> None:
    assert told(index, "uses_split") == []
    assert inferred(index, "lamp_split", "drivers/lamp/split.c") == ["may sleep by might_sleep"]


def test_other_programs_are_no_part_of_the_kernel(index: Index) -> None:
    assert told(index, "uses_tool") == []
    assert told(index, "tool_main") == []


def test_a_change_in_one_file_reaches_callers_in_another_segment(tmp_path: Path) -> None:
    callee = "void lamp_wait(int a)\n{\n\tmight_sleep();\n}\n"
    files = {"drivers/a.c": "void caller(int a)\n{\n\tlamp_wait(a);\n}\n", "drivers/b.c": callee}
    with index_of(tmp_path, files) as before:
        assert told(before, "caller") == ["by lamp_wait"]
    with update(tmp_path, {"drivers/b.c": callee.replace("might_sleep", "lamp_look")}) as after:
        assert len(after.segments) == 2
        assert told(after, "caller") == []
        assert told(after, "lamp_wait") == []
    with update(tmp_path, {"drivers/b.c": callee.replace("might_sleep", "schedule")}) as again:
        assert told(again, "caller") == ["by lamp_wait"]
        assert told(again, "lamp_wait") == ["by schedule"]
