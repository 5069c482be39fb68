from __future__ import annotations

import pytest

from lrev.source.c_code import facts, parse
from lrev.source.c_docs import MAX_DETAIL_CHARACTERS
from lrev.types import Fact, FactKind, FactOrigin


def documented(comment: str, definition: str = "struct lamp *lamp_get(struct room *room, int number)") -> list[Fact]:
    text = f"/**\n{comment}\n */\n{definition}\n{{\n}}\n"
    return [fact for fact in facts(parse(text.encode()), "b") if fact.origin is FactOrigin.DECLARED]


HEAD = " * lamp_get - find a lamp\n * @room: where\n * @number: which\n *\n"


@pytest.mark.parametrize(
    "sentence",
    [
        " * The caller must call lamp_put() when done.",
        " * Its reference count is incremented, use lamp_put() to drop it.",
        " * Returns a lamp with refcount incremented, use\n * lamp_put() on it when done.",
    ],
)
def test_a_reference_that_is_returned(sentence: str) -> None:
    (fact,) = documented(HEAD + sentence)
    assert (fact.kind, fact.detail, fact.line) == (FactKind.RETURNS_REFERENCE, "to put with lamp_put", 2)


def test_what_returns_no_pointer_returns_no_reference() -> None:
    sentence = " * The caller must call lamp_put() when done."
    assert documented(HEAD + sentence, "int lamp_get(struct room *room, int number)") == []


def test_a_reference_of_an_argument_that_is_dropped() -> None:
    (fact,) = documented(HEAD + " * room_put() is called on @room.")
    assert (fact.kind, fact.detail) == (FactKind.PUTS_ARGUMENT, "1, by room_put")
    assert documented(HEAD + " * room_put() is called on @other.") == []


def test_sections_end_where_others_begin() -> None:
    comment = HEAD + " * Return: the lamp\n *   or NULL\n * Context: any\n * @more: not this\n * Note: nor this"
    assert [(fact.kind, fact.detail) for fact in documented(comment)] == [
        (FactKind.DOC_RETURN, "the lamp or NULL"),
        (FactKind.DOC_CONTEXT, "any"),
    ]


def test_a_long_section_is_cut() -> None:
    (fact,) = documented(HEAD + " * Return: " + "word " * 200)
    assert len(fact.detail) == MAX_DETAIL_CHARACTERS


def test_pointers_under_rcu_by_where_they_stand() -> None:
    text = b"struct a __rcu *f(int n);\nvoid g(int n, struct a __rcu **a);\n"
    told = [(fact.function, fact.detail) for fact in facts(parse(text), "b") if fact.kind is FactKind.RCU]
    assert told == [("f", "result"), ("g", "argument 2")]
