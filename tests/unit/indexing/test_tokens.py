"""The words of a text, cut by a table, against the pattern that says what a word is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrev.indexing.tokens import MAX_QUERY_WORDS, identifiers, query_words, runs, words

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d[A-Za-z0-9]+")
PIECES = (
    "spin_lock",
    "_",
    "__init",
    "12",
    "0x1f",
    "12_foo",
    "3",
    "a",
    "->",
    "(",
    "\n",
    "\0",
    "\x1f",
    "é",
    "٣a",
    "²",
    "b" * 81,
)
any_text = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join)


@given(any_text)
def test_identifiers_are_what_the_pattern_finds(text: str) -> None:
    found = identifiers(runs(text)).split(" ")
    assert set(found) - {""} == {word for word in WORD.findall(text) if len(word) <= 80}


@given(any_text)
def test_words_are_those_of_the_identifiers_in_their_order(text: str) -> None:
    singly = [words([word]) for word in WORD.findall(text)]
    assert words(runs(text)) == " ".join(filter(None, singly))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Spin_lock_IRQ(&q->lock)", "spin_lock_irq spin lock irq lock"),
        ("__init static int x = 0x1F;", "init 0x1f"),
        ("12_foo 3 _ __", "12 foo"),
        ("is_it_the_one", "is_it_the_one one"),
        ("nai\u0308ve café", "nai ve caf"),
        ("key " + "a" * 81, "key"),
        ("", ""),
        ("\u0663ab", "\u0663ab"),
    ],
)
def test_an_identifier_is_followed_by_its_parts(text: str, expected: str) -> None:
    assert words(runs(text)) == expected


def test_a_query_keeps_whole_identifiers_when_it_is_cut() -> None:
    found = query_words(" ".join(f"word{number}" for number in range(100)) + " spin_lock spin_lock")
    assert len(found) == MAX_QUERY_WORDS
    assert found[0] == "spin_lock"
    assert len(set(found)) == len(found)
