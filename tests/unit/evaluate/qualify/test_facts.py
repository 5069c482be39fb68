from __future__ import annotations

import pytest

from lrev.evaluate.qualify.facts import (
    DEPTHS_PERCENT,
    ask_facts,
    found_right,
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
from lrev.types import Answer, Prompt

QUESTIONS = Questions.load(prompts_directory())
PLANNED_TOKENS = 4500  # a token of the fake is a word


def reading(prompt: Prompt, *, within: int = 10**6) -> tuple[float, ...]:
    """A model that reads so many characters of the function, and likes the first word of the rest."""
    fact = next(one for one in planted() if one.subject == prompt.question.id)
    word = fact.answer if fact.text in prompt.segments[-1][:within] else fact.words[0]
    return tuple(0.6 if one == word else 0.1 for one in fact.words)


def test_facts_stand_at_their_depths_and_nowhere_else() -> None:
    code = function_of(4000, lambda text: len(text.split()))
    for fact in planted():
        assert code.count(fact.text) == 1
        assert code.count(fact.subject) == 1
        assert code.index(fact.text) / len(code) * 100 == pytest.approx(fact.depth_percent, abs=12)
        assert all(code.count(word) == 1 for word in fact.words)


def test_a_function_is_as_long_as_planned() -> None:
    generator = FakeGenerator(context_tokens=10**6)
    for tokens in lengths(PLANNED_TOKENS):
        longest = max(
            sum(map(generator.count, prompt.segments)) + generator.count(prompt.question.text)
            for _, prompt in prompts_of(tokens, generator, QUESTIONS)
        )
        assert tokens - 300 < longest <= tokens


def test_a_length_without_room_for_the_facts_is_not_tried() -> None:
    assert lengths(2400) == (800, 1600, 2400)
    assert lengths(1200) == (800, 1200)


def test_a_model_that_reads_all_finds_all() -> None:
    generator = FakeGenerator(reading, context_tokens=10**6)
    read = list(ask_facts(generator, QUESTIONS, PLANNED_TOKENS, lambda _: None))
    found = [one for length in read for one in length.found]
    assert {one.share for one in found} == {Share(4, 4)}
    assert usable_tokens(found) == PLANNED_TOKENS


def test_a_model_that_loses_what_stands_late_is_usable_up_to_there() -> None:
    short = len(prompts_of(lengths(PLANNED_TOKENS)[0], FakeGenerator(), QUESTIONS)[0][1].segments[-1])
    generator = FakeGenerator(lambda prompt: reading(prompt, within=short), context_tokens=10**6)
    read = list(ask_facts(generator, QUESTIONS, PLANNED_TOKENS, lambda _: None))
    found = [one for length in read for one in length.found]
    last = [one.share for one in found if one.depth_percent == DEPTHS_PERCENT[-1]]
    assert last == [Share(4, 4), Share(0, 4), Share(0, 4)]
    assert usable_tokens(found) == lengths(PLANNED_TOKENS)[0]


def test_a_liking_for_a_word_hides_nothing() -> None:
    """Always the first, but a little less so where another one is right."""
    facts = planted()
    rows = [
        tuple(0.9 if one == 0 else 0.06 if word == fact.answer else 0.01 for one, word in enumerate(fact.words))
        for fact in facts
    ]
    right = found_right(facts, [Answer(fact.subject, "", row) for fact, row in zip(facts, rows, strict=True)])
    assert right == {depth: [True] * 4 for depth in DEPTHS_PERCENT}


def test_a_model_that_guesses_is_usable_nowhere() -> None:
    assert usable_tokens([FactFound(800, depth, Share(2, 4)) for depth in DEPTHS_PERCENT]) == 0
