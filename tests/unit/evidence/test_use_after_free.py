from __future__ import annotations

import pytest

from lrev.types import Fact, FactKind, FactOrigin
from tests.unit.evidence.checking import Known, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/use_after_free.c")
MECHANISMS = {
    "bad_used": "used after it was freed",
    "bad_twice": "freed twice",
    "bad_walk": "list walked from a freed entry",
    "bad_member": "used after it was freed",
    "bad_by_a_callee": "used after it was freed",
}
GOOD = [name for name in names(DATA) if name.startswith("good_")]
DROPS = Fact("lamp_drop", FactKind.FREES_ARGUMENT, "1, handed to kfree", FactOrigin.INFERRED, "", 3)
KNOWN = Known({"lamp_drop": (DROPS,)})


@pytest.mark.parametrize(("name", "mechanism"), MECHANISMS.items())
def test_what_was_freed_is_not_touched_again(name: str, mechanism: str) -> None:
    assert [one.mechanism for one in check_new(DATA, name, KNOWN)] == [mechanism]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_something_else_by_then_is_fine(name: str) -> None:
    assert check_new(DATA, name, KNOWN) == ()


def test_what_it_says() -> None:
    (one,) = check_new(DATA, "bad_used")
    assert one.message == "this looks into `job`, which kfree() has freed at line 5."
    assert [(step.line, step.note) for step in one.trace] == [(5, "kfree() frees `job`"), (6, "used here")]


def test_what_a_callee_frees_only_sometimes_is_not_held_against_it() -> None:
    sometimes = Fact("lamp_drop", FactKind.FREES_ARGUMENT, "1, handed to kfree", FactOrigin.INFERRED, "", 3, "on some")
    assert check_new(DATA, "bad_by_a_callee", Known({"lamp_drop": (sometimes,)})) == ()
