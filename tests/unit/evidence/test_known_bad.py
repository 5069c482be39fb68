from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/known_bad.c")
BAD = {
    "bad_null": "`job` is NULL here, and is followed.",
    "bad_at_the_label": "`job` is NULL here, and is followed.",
    "bad_freed": "`job` is an error pointer here, and kfree() is given it.",
}
GOOD = [name for name in names(DATA) if name.startswith("good_")]


@pytest.mark.parametrize(("name", "message"), BAD.items())
def test_what_is_known_to_be_bad_is_not_followed_or_freed(name: str, message: str) -> None:
    (one,) = check_new(DATA, name)
    assert (one.check, one.message) == ("known-bad-pointer", message)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_set_or_not_looked_into_is_fine(name: str) -> None:
    assert check_new(DATA, name) == ()
