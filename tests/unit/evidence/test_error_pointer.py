from __future__ import annotations

import pytest

from lrev.evidence.overlaid import OverlaidKnowledge
from tests.unit.evidence.checking import Known, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/error_pointer.c")
BAD = [name for name in names(DATA) if name.endswith("_bad")]
GOOD = [name for name in names(DATA) if name.endswith("_good")]
KNOWN = OverlaidKnowledge(Known(), {"drivers/lamp.c": DATA})


def found(name: str) -> list[str]:
    return [one.message for one in check_new(DATA, name, KNOWN) if one.check == "error-pointer"]


def test_the_samples_are_there() -> None:
    assert len(BAD) == 4
    assert len(GOOD) == 8


@pytest.mark.parametrize("name", BAD)
def test_a_test_for_what_is_never_returned_is_found(name: str) -> None:
    (message,) = found(name)
    assert "does not see it" in message


@pytest.mark.parametrize("name", GOOD)
def test_a_test_that_fits_or_cannot_be_judged_is_not(name: str) -> None:
    assert found(name) == []


def test_what_it_says_and_rests_on() -> None:
    (one,) = [one for one in check_new(DATA, "null_for_error_bad", KNOWN) if one.check == "error-pointer"]
    assert one.message == (
        "lamp_open() returns an error pointer when it fails, never NULL: the test `!lamp` does not see it."
    )
    assert one.rests_on == ("lamp_open() returns ERR_PTR (line 4, read)",)
    assert [step.note for step in one.trace] == ["lamp_open() into `lamp`", "tested here"]
