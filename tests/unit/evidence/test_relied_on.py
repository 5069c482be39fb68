"""Callers that a patch leaves as they were, of functions that it changes."""

from __future__ import annotations

import pytest

from lrev.evidence import relied_on
from lrev.evidence.overlaid import OverlaidKnowledge
from lrev.types import ChangedFunction, Suspicion
from tests.unit.evidence.checking import Known, named
from tests.unit.samples import read_sample

BEFORE, AFTER = read_sample("c/relied_on_before.c"), read_sample("c/relied_on_after.c")
PATH = "drivers/example/lamp.c"


def said(name: str, before: bytes = BEFORE, after: bytes = AFTER) -> list[Suspicion]:
    old, new = named(before, name), named(after, name)
    lines = zip(old.text.split("\n"), new.text.split("\n"), strict=False)
    changed = frozenset(new.span.start + at for at, (one, other) in enumerate(lines) if one != other)
    function = ChangedFunction(PATH, name, old, new, changed, frozenset(), (0,))
    knowledge = OverlaidKnowledge(Known(source=after), {PATH: after}, {PATH: before})
    return list(relied_on.check(function, before, after, knowledge))


def test_a_caller_that_tests_for_null_is_named_when_an_error_pointer_comes_back() -> None:
    (one,) = said("lamp_find")
    assert one.mechanism == relied_on.CONTRACT
    assert "lamp_find() now returns ERR_PTR, and no longer returns NULL" in one.message
    assert f"lamp_show() ({PATH}:20)" in one.message
    assert one.line == 6 and one.trace[0].text == "return ERR_PTR(-ENODEV);"


def test_a_caller_with_the_former_number_of_arguments_is_named() -> None:
    (one,) = said("lamp_set")
    assert one.mechanism == relied_on.ARGUMENTS
    assert "lamp_set() takes 3 arguments now and took 2" in one.message
    assert f"lamp_dim() ({PATH}:27): it passes 2." in one.message


@pytest.mark.parametrize("name", ["lamp_find", "lamp_set"])
def test_callers_that_the_patch_changed_with_it_are_not(name: str) -> None:
    after = AFTER.replace(
        b"if (!lamp)\n\t\treturn -ENODEV;\n\treturn lamp->level", b"if (IS_ERR(lamp))\n\t\treturn 1;\n\treturn 2"
    )
    after = after.replace(b"lamp_set(lamp, 1)", b"lamp_set(lamp, 1, true)")
    assert said(name, BEFORE, after) == []


def test_what_was_wrong_before_is_not_held_against_the_patch() -> None:
    before = BEFORE.replace(b"return NULL;", b"return ERR_PTR(-EIO);")
    assert said("lamp_find", before) == []
