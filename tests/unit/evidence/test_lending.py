from __future__ import annotations

import pytest

from lrev.evidence.lending import Lending
from lrev.types import Fact, FactKind, FactOrigin
from tests.unit.evidence.checking import Known, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/lending.c")
BAD = [name for name in names(DATA) if name.startswith("bad_")]
GOOD = [name for name in names(DATA) if name.startswith("good_")]


def fact(function: str, kind: FactKind) -> tuple[Fact, ...]:
    return (Fact(function, kind, "", FactOrigin.READ, "", 1),)


KNOWN = Known(
    known={
        "gauge_open": fact("gauge_open", FactKind.RETURNS_ERR_PTR),
        "gauge_find": fact("gauge_find", FactKind.RETURNS_NULL),
    },
    releases={"gauge_open": "gauge_close"},
    source=DATA,
)


@pytest.mark.parametrize(
    ("name", "position"),
    [("lamp_measure", 0), ("lamp_measure", 1), ("lamp_measure_twice", 1), ("lamp_fill", 0), ("lamp_keep", 0)],
)
def test_what_is_only_looked_at_or_written_to_is_lent(name: str, position: int) -> None:
    assert Lending(KNOWN, "lamp.c").lends(name, position)


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("lamp_keep", 1),
        ("lamp_keep_deep", 1),
        ("lamp_list", 1),
        ("lamp_same", 0),
        ("lamp_through", 1),
        ("lamp_around", 1),
        ("lamp_unregister", 0),
        ("lamp_measure", 2),
        ("lamp_elsewhere", 0),
        ("", 0),
    ],
)
def test_what_may_be_kept_or_is_not_known_is_not(name: str, position: int) -> None:
    assert not Lending(KNOWN, "lamp.c").lends(name, position)


def test_what_is_too_deep_is_not_known() -> None:
    deep = "".join(f"int f{at}(int *p)\n{{\n\treturn f{at + 1}(p);\n}}\n" for at in range(9))
    known = Known(source=f"{deep}int f9(int *p)\n{{\n\treturn *p;\n}}\n".encode())
    assert [Lending(known, "lamp.c").lends(f"f{at}", 0) for at in (9, 5, 0)] == [True, True, False]


@pytest.mark.parametrize("name", BAD)
def test_a_leak_past_callees_that_lend_is_found(name: str) -> None:
    (found,) = check_new(DATA, name, KNOWN)
    assert found.mechanism == "resource leaked"


@pytest.mark.parametrize("name", GOOD)
def test_what_is_kept_or_freed_is_none(name: str) -> None:
    assert check_new(DATA, name, KNOWN) == ()


def test_the_mined_release_is_named() -> None:
    (found,) = check_new(DATA, "bad_mined", KNOWN)
    assert "gauge_close() is missing" in found.message
