from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/missing_error.c")
BAD = [name for name in names(DATA) if name.endswith("_bad")]
GOOD = [name for name in names(DATA) if name.endswith("_good")]


def test_the_samples_are_there() -> None:
    assert len(BAD) == 3
    assert len(GOOD) == 6


@pytest.mark.parametrize("name", BAD)
def test_a_failure_that_returns_zero_is_found(name: str) -> None:
    (one,) = [one for one in check_new(DATA, name) if one.check == "missing-error-code"]
    assert "the caller sees success" in one.message
    assert one.trace[0].note.endswith("it failed")


@pytest.mark.parametrize("name", GOOD)
def test_what_returns_an_error_or_has_not_failed_is_not(name: str) -> None:
    assert [one for one in check_new(DATA, name) if one.check == "missing-error-code"] == []
