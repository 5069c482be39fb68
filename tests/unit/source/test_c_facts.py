from __future__ import annotations

import pytest

from lrev.source.c_code import facts, parse
from lrev.types import SOME_PATHS, Fact, FactKind, FactOrigin
from tests.unit.samples import read_sample

FACTS = facts(parse(read_sample("c/facts.c")), "b")


def of(function: str) -> dict[FactKind, Fact]:
    return {fact.kind: fact for fact in FACTS if fact.function == function}


def test_results_are_read_from_the_returns() -> None:
    known = of("lamp_get")
    assert known[FactKind.RETURNS_ERR_PTR].detail == "-EINVAL, -ENXIO"
    assert known[FactKind.RETURNS_ERR_PTR].line == 14
    assert known[FactKind.RETURNS_NULL].line == 16
    assert known[FactKind.RETURNS_NULL].origin is FactOrigin.READ
    assert of("lamp_on")[FactKind.RETURNS_ERRNO].detail == "-EINVAL, -EBUSY, -EIO"


def test_what_a_returned_variable_was_set_to_is_said_of_some_paths() -> None:
    held = of("lamp_held")
    assert set(held) == {FactKind.RETURNS_NULL, FactKind.RETURNS_ERR_PTR}
    assert held[FactKind.RETURNS_ERR_PTR].detail == "-ENOMEM"
    assert {fact.condition for fact in held.values()} == {SOME_PATHS}
    assert of("lamp_status")[FactKind.RETURNS_ERRNO].detail == "-EBUSY"


def test_a_negative_number_is_no_errno() -> None:
    assert of("lamp_plain") == {}


def test_kernel_doc_is_folded_and_ends_with_its_paragraph() -> None:
    known = of("lamp_get")
    assert known[FactKind.DOC_CONTEXT].detail == "May sleep. Takes lamp_lock, for a short time."
    assert known[FactKind.DOC_RETURN].detail == "The lamp, or an ERR_PTR."
    assert known[FactKind.DOC_RETURN].line == 7
    assert known[FactKind.DOC_RETURN].origin is FactOrigin.DECLARED


def test_annotations_of_prototypes_and_definitions() -> None:
    assert FactKind.MUST_CHECK in of("lamp_set")
    assert of("lamp_set")[FactKind.RELEASES].detail == "&lamp->lock"
    assert of("lamp_on")[FactKind.ACQUIRES].detail == "&lamp->lock"
    assert of("lamp_on")[FactKind.ACQUIRES].line == 25
    assert of("lamp_on")[FactKind.LOCK_HELD].detail == "&lamp->room->lock"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("NULL", FactKind.RETURNS_NULL),
        ("(struct a *)NULL", FactKind.RETURNS_NULL),
        ("-ENOMEM", FactKind.RETURNS_ERRNO),
        ("(-EIO)", FactKind.RETURNS_ERRNO),
        ("x ? -EIO : 0", FactKind.RETURNS_ERRNO),
        ("ERR_CAST(p)", FactKind.RETURNS_ERR_PTR),
        ("ENOMEM", None),
        ("p", None),
        ("f(NULL)", None),
    ],
)
def test_forms_of_a_result(value: str, kind: FactKind | None) -> None:
    found = facts(parse(f"int f(void)\n{{\n\treturn {value};\n}}\n".encode()), "b")
    assert [fact.kind for fact in found] == ([kind] if kind is not None else [])


def test_a_comment_of_a_struct_says_nothing_of_functions() -> None:
    assert facts(parse(b"/**\n * struct lamp - a lamp\n * Return: nothing\n */\nstruct lamp { int a; };\n"), "b") == ()
