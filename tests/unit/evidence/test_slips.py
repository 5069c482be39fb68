"""Checks that one or two lines show; each sample is named for the check it is of."""

from __future__ import annotations

import pytest

from lrev.types import Fact, FactKind, FactOrigin
from tests.unit.evidence.checking import Known, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/slips.c") + read_sample("c/more_slips.c")
CHECKS = (
    *("array-bound", "never-negative", "positive-errno", "sleep-in-atomic", "uncopied-bytes", "uninitialised"),
    *("misleading-indentation", "narrow-bitmap", "other-pointers-error", "rcu-pointer", "dropped-result"),
)
KNOWN = Known(
    {
        name: (Fact(name, FactKind.RETURNS_ERRNO, "", FactOrigin.READ, "", 1),)
        for name in ("lamp_enable", "lamp_seldom", "lamp_rare")
    },
    source=DATA,
    used={"lamp_enable": (39, 40), "lamp_seldom": (20, 40), "lamp_void": (40, 40)},
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
def test_the_slip_is_found_and_nothing_else(name: str) -> None:
    (one,) = [one for one in check_new(DATA, name, KNOWN) if one.check in CHECKS]
    assert one.check == check_of(name)
    assert one.trace[-1].line == one.line


@pytest.mark.parametrize("name", GOOD)
def test_its_twin_is_not(name: str) -> None:
    assert [one.message for one in check_new(DATA, name, KNOWN) if one.check in CHECKS] == []
