from __future__ import annotations

import pytest

from lrev.source.c_code import parse
from lrev.source.c_events import CallEvent, events
from lrev.source.c_guards import Guard
from tests.unit.samples import read_sample

CALLS = {call.callee: call for one in events(parse(read_sample("c/guards.c"))) for call in one.calls}


@pytest.mark.parametrize("callee", ["always", "at_the_end", "first", "tried", "reached", "finished", "power_up"])
def test_what_is_never_left_out(callee: str) -> None:
    assert CALLS[callee].guard is Guard.NONE


@pytest.mark.parametrize("callee", ["in_branch", "in_else", "behind_and", "in_switch", "in_choice"])
def test_what_stands_in_a_branch(callee: str) -> None:
    assert CALLS[callee].guard is Guard.BRANCH


def test_an_exit_for_an_error_guards_less_than_one_for_another_reason() -> None:
    assert CALLS["after_failures"].guard is Guard.FAILURE
    assert CALLS["works"].guard is Guard.FAILURE
    assert CALLS["after_success"].guard is Guard.BRANCH


def test_a_jump_ahead_leaves_out_what_stands_before_its_label() -> None:
    assert CALLS["skipped"].guard is Guard.BRANCH
    assert CALLS["behind_loop"].guard is Guard.BRANCH


def test_a_jump_back_leaves_out_nothing() -> None:
    assert CALLS["after_retry"].guard is Guard.NONE


def test_what_only_a_label_reaches_is_cleanup() -> None:
    assert CALLS["power_down"].guard is Guard.BRANCH
    assert CALLS["power_down"].cleanup
    assert not CALLS["works"].cleanup


def test_a_test_of_what_is_handed_on_decides_nothing() -> None:
    assert CALLS["put_lamp"].guard is Guard.NONE
    assert CALLS["put_part"].guard is Guard.NONE


def test_an_exit_without_it_guards_what_is_done_to_anything_else() -> None:
    assert in_function("if (!lamp)\nreturn;\nafter(lamp, room);", "after").guard is Guard.NONE
    assert in_function("if (!lamp)\nreturn;\nafter(&lamp->part);", "after").guard is Guard.NONE
    assert in_function("if (!lamp)\nreturn;\nafter(room);", "after").guard is Guard.FAILURE
    assert in_function("if (!lamp)\nreturn;\nif (lamp->lit)\nreturn;\nafter(lamp);", "after").guard is Guard.BRANCH


def test_a_test_of_something_else_or_of_a_number_decides() -> None:
    assert CALLS["put_other"].guard is Guard.BRANCH
    assert CALLS["put_number"].guard is Guard.BRANCH


def test_a_loop_may_be_passed_by() -> None:
    assert CALLS["in_loop"].guard is Guard.LOOP
    assert CALLS["in_iterator"].guard is Guard.BRANCH
    assert CALLS["list_for_each_entry"].guard is Guard.NONE


def in_function(body: str, callee: str) -> CallEvent:
    (function,) = events(parse(f"int f(struct lamp *lamp, struct room *room)\n{{\n{body}\n}}\n".encode()))
    return next(call for call in function.calls if call.callee == callee)


@pytest.mark.parametrize(
    ("leaving", "guard"),
    [
        ("if (ret < 0) return 1;", Guard.FAILURE),
        ("if (WARN_ON(lamp->gone)) return 0;", Guard.FAILURE),
        ("if (unlikely(!room)) return 0;", Guard.FAILURE),
        ("if (lamp->gone) return -ENODEV;", Guard.FAILURE),
        ("if (lamp->gone) return NULL;", Guard.FAILURE),
        ("if (lamp->gone) goto fail;", Guard.FAILURE),
        ("if (!IS_ERR(lamp->room)) return 1;", Guard.BRANCH),
        ("if (!ret) return 0;", Guard.BRANCH),
        ("if (!lamp->gone) return 0;", Guard.BRANCH),
        ("if (lamp) return 0;", Guard.BRANCH),
        ("for (;;) return 0;", Guard.BRANCH),
    ],
)
def test_exits(leaving: str, guard: Guard) -> None:
    assert in_function(f"{leaving}\nafter(lamp);\nfail: return 0;", "after").guard is guard
