from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/freed_registered.c")
BAD = [name for name in names(DATA) if name.startswith("bad_")]
GOOD = [name for name in names(DATA) if name.startswith("good_")]


def test_the_samples_are_there() -> None:
    assert (len(BAD), len(GOOD)) == (3, 3)


@pytest.mark.parametrize("name", BAD)
def test_what_counts_its_references_is_not_freed(name: str) -> None:
    (one,) = [one for one in check_new(DATA, name) if one.check == "freed-registered"]
    assert "the last put has to free it" in one.message


@pytest.mark.parametrize("name", GOOD)
def test_what_is_put_or_never_counted_is_fine(name: str) -> None:
    assert [one for one in check_new(DATA, name) if one.check == "freed-registered"] == []
