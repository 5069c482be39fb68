from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/checked_late.c")
BAD = [name for name in names(DATA) if name.endswith("_bad")]
GOOD = [name for name in names(DATA) if name.endswith("_good")]


def test_the_samples_are_there() -> None:
    assert len(BAD) == 3
    assert len(GOOD) == 9


@pytest.mark.parametrize("name", BAD)
def test_a_pointer_that_is_followed_first_is_found(name: str) -> None:
    (one,) = [one for one in check_new(DATA, name) if one.check == "checked-late"]
    assert "before this asks whether it is NULL" in one.message
    assert one.trace[0].note == "follows `lamp`"


@pytest.mark.parametrize("name", GOOD)
def test_what_is_asked_first_or_set_between_is_not(name: str) -> None:
    assert [one for one in check_new(DATA, name) if one.check == "checked-late"] == []
