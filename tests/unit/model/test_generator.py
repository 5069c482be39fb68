"""LocalGenerator over an engine that reads letters: what is asked of the model, and what is made of its scores."""

from __future__ import annotations

from typing import cast

import pytest

from lrev.errors import ContextOverflow, UsageError
from lrev.model.generator import LocalGenerator
from lrev.model.prompt_format import prompt_format
from lrev.types import Prompt, Question, QuestionKind
from tests.unit.model.letters import END, Follows, LetterCells, letter_engine


def generator(follows: Follows, context_tokens: int = 100, *, trims: bool = True) -> LocalGenerator:
    engine = letter_engine(LetterCells(follows, trims=trims))
    return LocalGenerator("letters", "0" * 64, context_tokens, prompt_format("plain"), engine)


def letters(one: LocalGenerator) -> LetterCells:
    return cast("LetterCells", one.engine.cells)


def closed(*choices: str, lead: str = "") -> Prompt:
    return Prompt(("s",), Question("q", QuestionKind.CLOSED, "?", choices=choices, lead=lead))


def short(max_tokens: int) -> Prompt:
    return Prompt(("s",), Question("q", QuestionKind.SHORT, "?", max_tokens=max_tokens))


@pytest.fixture(params=[True, False], ids=["copied", "saved"])
def trims(request: pytest.FixtureRequest) -> bool:
    """Both kinds of model memory; nothing that is answered may depend on it."""
    return bool(request.param)


def test_choices_of_one_token_are_weighed_against_each_other_alone(trims: bool) -> None:
    (answer,) = generator({"": {"A": 0.1, "B": 0.3, "x": 0.6}}, trims=trims).answer([closed("A", "B")])
    assert answer.probabilities == pytest.approx((0.25, 0.75))
    assert (answer.text, answer.tokens_written) == ("B", 0)


def test_choices_that_share_their_first_letters_are_read_to_where_they_differ(trims: bool) -> None:
    follows = {"": {"n": 1.0}, "n": {"o": 1.0}, "no": {"t": 0.8, "w": 0.2}}
    (answer,) = generator(follows, trims=trims).answer([closed("not", "now")])
    assert answer.probabilities == pytest.approx((0.8, 0.2))


def test_a_choice_that_begins_like_another_has_to_end(trims: bool) -> None:
    """`plain` ends an answer with the line. Without that, 1 would be as likely as 1, 12 and 13 together."""
    follows = {"": {"1": 1.0}, "1": {"2": 0.6, "3": 0.3, "\n": 0.1}, "12": {"\n": 1.0}, "13": {"\n": 1.0}}
    (answer,) = generator(follows, trims=trims).answer([closed("1", "12", "13")])
    assert answer.probabilities == pytest.approx((0.1, 0.6, 0.3))


def test_the_space_at_the_end_of_a_lead_is_read_with_the_choice() -> None:
    one = generator({"": {" ": 1.0}, " ": {"A": 0.9, "B": 0.1}})
    (answer,) = one.answer([closed("A", "B", lead="It is ")])
    assert answer.probabilities == pytest.approx((0.9, 0.1))
    assert letters(one).prompts == ["s\n\n?\nIt is"]


@pytest.mark.parametrize(
    ("max_tokens", "text", "written", "evaluated"),
    [(9, "ab", 3, 2), (2, "ab", 2, 1), (1, "a", 1, 0), (0, "", 0, 0)],
    ids=["to the end of the line", "to its bound", "one", "none"],
)
def test_a_line_is_written_likeliest_token_first(
    max_tokens: int, text: str, written: int, evaluated: int, trims: bool
) -> None:
    """The last token is chosen, never evaluated: nothing comes after it."""
    one = generator({"": {"a": 0.6, "b": 0.4}, "a": {"b": 1.0}, "ab": {"\n": 0.9, "c": 0.1}}, trims=trims)
    (answer,) = one.answer([short(max_tokens)])
    _, _, *steps = letters(one).batches  # after the prefix and the question
    assert len(steps) == evaluated
    assert (answer.text, answer.tokens_written, answer.probabilities) == (text, written, ())


def test_a_line_ends_with_the_turn() -> None:
    (answer,) = generator({"": {"a": 1.0}, "a": {chr(END): 1.0}}).answer([short(9)])
    assert (answer.text, answer.tokens_written) == ("a", 1)


@pytest.mark.parametrize("prompt", [closed("A", "BCD"), closed("1", "12"), short(2)])
def test_room_for_the_answer_is_part_of_what_must_fit(prompt: Prompt) -> None:
    """s, two line ends, ?, a line end: 5. BCD is scored by reading BC; 12 and its line end by reading 12."""
    follows = {"": dict.fromkeys("AB1", 1.0), "B": {"C": 1.0}, "BC": {"D": 1.0}, "1": dict.fromkeys("2\n", 0.5)}
    follows["12"] = {"\n": 1.0}
    follows["A"] = {"A": 1.0}
    generator(follows, context_tokens=7).answer([prompt])
    tight = generator(follows, context_tokens=6)
    with pytest.raises(ContextOverflow, match=r"question 'q' needs 5 tokens and 2 for its answer, .* holds 6"):
        tight.answer([closed("A"), prompt])
    assert letters(tight).prompts == []


def test_several_questions_over_one_prefix(trims: bool) -> None:
    """In the order they were asked, whatever the order they were answered in, with an exact account."""
    follows: Follows = {"": {"a": 0.6, "b": 0.4}, "a": {"\n": 1.0}}
    one = generator(follows, trims=trims)
    answers = one.answer([short(9), closed("a", "b"), closed("b", "a")])
    assert [answer.text for answer in answers] == ["a", "a", "a"]
    assert answers[1].probabilities == pytest.approx((0.6, 0.4))
    assert answers[2].probabilities == pytest.approx((0.4, 0.6))
    read = [(answer.tokens_read, answer.tokens_reused) for answer in answers]
    assert read == [(5, 0), (2, 3), (0, 5) if trims else (2, 3)]
    assert all(answer.seconds >= 0 for answer in answers)


def test_a_schema_that_is_none_is_refused() -> None:
    asked = Prompt(("s",), Question("q", QuestionKind.JSON, "?", max_tokens=9, schema="{"))
    with pytest.raises(UsageError, match="cannot make a grammar of the schema"):
        generator({}).answer([asked])
