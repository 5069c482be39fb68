from __future__ import annotations

import pytest

from lrev.source.c_code import parse
from lrev.source.c_events import events
from lrev.source.c_pairs import pairs
from lrev.source.c_rows import Pair, Undone
from lrev.source.c_undoing import are_counterparts, may_undo
from tests.unit.samples import read_sample

PAIRS = pairs(events(parse(read_sample("c/pairs.c"))))


def of(function: str) -> tuple[Pair, ...]:
    return pairs(events(parse(function.encode())))


def test_what_a_call_gave_is_undone_on_the_way_out() -> None:
    assert Pair("room_get", "room_put", Undone.RESULT) in PAIRS


def test_what_a_call_began_is_undone_by_the_end_of_the_same() -> None:
    assert Pair("power_up", "power_down", Undone.ARGUMENT) not in PAIRS
    text = "int f(struct a *a)\n{\n\tint err = clk_prepare_enable(a->clk);\n\tif (err)\n\t\treturn err;\n\terr = g();\n"
    text += "\tif (err)\n\t\tgoto out;\n\treturn 0;\nout:\n\tclk_disable_unprepare(a->clk);\n\treturn err;\n}\n"
    assert of(text) == (Pair("clk_prepare_enable", "clk_disable_unprepare", Undone.ARGUMENT),)
    assert of(text.replace("unprepare(a->clk)", "unprepare(a->other)")) == ()
    assert of(text.replace("goto out;\n\treturn 0;\nout:", "a->b = 0;")) == ()


def test_what_a_field_holds_is_undone_by_the_function_that_tears_down() -> None:
    assert Pair("clock_make", "clock_free", Undone.FILE) in PAIRS


def test_nothing_else_is_a_pair() -> None:
    """Messages, registers, conversions, results that are numbers, calls through members, and other functions."""
    assert set(PAIRS) == {
        Pair("room_get", "room_put", Undone.RESULT),
        Pair("clock_make", "clock_free", Undone.FILE),
    }


@pytest.mark.parametrize(
    ("acquire", "release"),
    [
        ("device_register", "put_device"),
        ("mutex_lock_interruptible", "mutex_unlock"),
        ("spin_lock_irqsave", "spin_unlock_irqrestore"),
        ("clk_prepare_enable", "clk_disable_unprepare"),
        ("pm_runtime_get_sync", "pm_runtime_put_noidle"),
        ("kobject_init_and_add", "kobject_put"),
        ("request_irq", "free_irq"),
        ("of_clk_add_hw_provider", "of_clk_del_provider"),
        ("dget", "dput"),
        ("down_read_killable", "up_read"),
        ("dma_map_single", "dma_unmap_single"),
    ],
)
def test_counterparts(acquire: str, release: str) -> None:
    assert are_counterparts(acquire, release)
    assert may_undo(release)


@pytest.mark.parametrize(
    ("acquire", "release"),
    [
        ("bio_add_page", "bio_put"),
        ("platform_device_add_data", "platform_device_put"),
        ("folio_ref_count", "folio_unlock"),
        ("mutex_init", "mutex_unlock"),
        ("should_expire", "dput"),
        ("pm_clk_add", "pm_runtime_put"),
        ("iocg_activate", "iocg_unlock"),
        ("lamp_get", "put"),
        ("mutex_unlock", "mutex_lock"),
    ],
)
def test_no_counterparts(acquire: str, release: str) -> None:
    assert not are_counterparts(acquire, release)


@pytest.mark.parametrize(
    "name", ["lamp_write", "lamp_input", "compute", "tg_update_disptime", "mark_unknown", "devm_x"]
)
def test_what_ends_nothing(name: str) -> None:
    assert not may_undo(name)


@pytest.mark.parametrize("name", ["dput", "putname", "kfree", "brelse", "up_write", "disable_irq", "kfree_skb", "fput"])
def test_what_ends_something(name: str) -> None:
    assert may_undo(name)
