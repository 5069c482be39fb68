from __future__ import annotations

import re

import pytest

from lrev.evaluate.qualify.facts import (
    DEPTHS_PERCENT,
    ask_facts,
    function_of,
    lengths,
    planted,
    prompts_of,
    usable_tokens,
)
from lrev.evaluate.qualify.questions import Questions
from lrev.model.fake import FakeGenerator
from lrev.paths import prompts_directory
from lrev.qualification import FactFound, Share
from lrev.types import Prompt

QUESTIONS = Questions.load(prompts_directory())
PLANNED_TOKENS = 4000  # a token of the fake is a word


def reading(prompt: Prompt, *, within: int = 10**6) -> tuple[float, ...]:
    """A model that reads so many characters of the function, and guesses A of the rest."""
    text = prompt.segments[-1][:within]
    question = prompt.question.text
    fact = next(one for one in planted() if one.subject in question)
    right = re.search(rf"^(.): {re.escape(fact.answer)}$", question, re.MULTILINE) if fact.text in text else None
    return tuple(0.7 if letter == (right[1] if right else "A") else 0.1 for letter in "ABCD")


def test_facts_stand_at_their_depths_and_nowhere_else() -> None:
    code = function_of(2000, lambda text: len(text.split()))
    for fact in planted():
        assert code.count(fact.text) == 1
        assert code.index(fact.text) / len(code) * 100 == pytest.approx(fact.depth_percent, abs=12)
        assert all(other in code for other in fact.others)
        assert fact.answer not in fact.others


def test_a_function_is_as_long_as_planned() -> None:
    generator = FakeGenerator(context_tokens=10**6)
    for tokens in lengths(PLANNED_TOKENS):
        longest = max(
            sum(map(generator.count, prompt.segments)) + generator.count(prompt.question.text)
            for _, _, prompt in prompts_of(tokens, generator, QUESTIONS)
        )
        assert tokens - 300 < longest <= tokens


def test_each_letter_is_right_as_often() -> None:
    letters = [letter for _, letter, _ in prompts_of(2000, FakeGenerator(), QUESTIONS)]
    assert {letters.count(letter) for letter in "ABCD"} == {len(planted())}


def test_a_model_that_reads_all_finds_all() -> None:
    generator = FakeGenerator(reading, context_tokens=10**6)
    read = list(ask_facts(generator, QUESTIONS, PLANNED_TOKENS, lambda _: None))
    found = [one for length in read for one in length.found]
    assert {one.share for one in found} == {Share(8, 8)}
    assert usable_tokens(found) == PLANNED_TOKENS


def test_a_model_that_loses_what_stands_late_is_usable_up_to_there() -> None:
    short = len(prompts_of(lengths(PLANNED_TOKENS)[0], FakeGenerator(), QUESTIONS)[0][2].segments[-1])
    generator = FakeGenerator(lambda prompt: reading(prompt, within=short), context_tokens=10**6)
    read = list(ask_facts(generator, QUESTIONS, PLANNED_TOKENS, lambda _: None))
    found = [one for length in read for one in length.found]
    last = [one.share for one in found if one.depth_percent == DEPTHS_PERCENT[-1]]
    assert last == [Share(8, 8), Share(2, 8), Share(2, 8)]
    assert usable_tokens(found) == lengths(PLANNED_TOKENS)[0]


def test_a_model_that_guesses_is_usable_nowhere() -> None:
    assert usable_tokens([FactFound(600, depth, Share(4, 8)) for depth in DEPTHS_PERCENT]) == 0
