"""Checks that go by the types of members, and by what becomes of an object; each sample is named for its check."""

from __future__ import annotations

import pytest

from lrev.types import Fact, FactKind, FactOrigin
from tests.unit.evidence.checking import Known, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/types_and_lifetimes.c")
CHECKS = (
    *("byte-order", "integer-width", "wrong-size", "managed-release", "alive-after-free", "freed-under-readers"),
    *("unset-bytes", "unbounded", "unwinding"),
)
KNOWN = Known(
    {
        name: (Fact(name, FactKind.RETURNS_ERRNO, "", FactOrigin.READ, "", 1),)
        for name in ("lamp_power_up", "lamp_tune", "lamp_start")
    },
    {"lamp_power_up": "lamp_power_down", "regulator_enable": "regulator_disable"},
    source=DATA,
)
BAD = [name for name in names(DATA) if name.endswith("_bad")]
GOOD = [name for name in names(DATA) if name.endswith("_good")]


def check_of(sample: str) -> str:
    return next(name for name in CHECKS if sample.startswith(name.replace("-", "_")))


@pytest.mark.parametrize("check", CHECKS)
def test_the_samples_are_there(check: str) -> None:
    assert [name for name in BAD if check_of(name) == check]
    assert [name for name in GOOD if check_of(name) == check]


@pytest.mark.parametrize("name", BAD)
def test_the_defect_is_found_and_nothing_else(name: str) -> None:
    (one,) = check_new(DATA, name, KNOWN)
    assert one.check == check_of(name)
    assert one.trace[-1].line == one.line


@pytest.mark.parametrize("name", GOOD)
def test_its_twin_is_not(name: str) -> None:
    assert [one.message for one in check_new(DATA, name, KNOWN) if one.check in CHECKS] == []


def test_the_way_to_what_was_never_done_is_told_apart_from_what_is_left() -> None:
    (left,) = check_new(DATA, "unwinding_bad", KNOWN)
    (never,) = check_new(DATA, "unwinding_order_bad", KNOWN)
    assert "not undone when this returns ret" in left.message and "lamp_power_down()" in left.message
    assert "which has not been done on this way here" in never.message


def test_padding_is_named_by_the_member_before_it() -> None:
    (one,) = check_new(DATA, "unset_bytes_bad", KNOWN)
    assert "struct lamp_stats has padding behind `hours`" in one.message
