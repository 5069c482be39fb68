from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/unchecked_allocation.c")
BAD = [name for name in names(DATA) if name.endswith("_bad")]
GOOD = [name for name in names(DATA) if name.endswith("_good")]


def test_the_samples_are_there() -> None:
    assert len(BAD) >= 3
    assert len(GOOD) >= 6


@pytest.mark.parametrize("name", BAD)
def test_a_fresh_pointer_that_is_followed_untested_is_found(name: str) -> None:
    found = [one for one in check_new(DATA, name) if one.check == "unchecked-allocation"]
    (one,) = found
    assert one.trace[-1].note == "used here"
    assert one.trace[-1].line == one.line
    assert "can return NULL" in one.message


@pytest.mark.parametrize("name", GOOD)
def test_what_is_tested_or_only_handed_over_is_not(name: str) -> None:
    assert [one for one in check_new(DATA, name) if one.check == "unchecked-allocation"] == []
