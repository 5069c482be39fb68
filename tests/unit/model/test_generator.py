"""LocalGenerator over an engine that reads letters: what is asked of the model, and what is made of its scores."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

import numpy
import pytest

from lrev.errors import ContextOverflow
from lrev.model.engine import Engine, Reading
from lrev.model.generator import LocalGenerator
from lrev.model.prompt_format import prompt_format
from lrev.model.tokenizer import Tokens
from lrev.types import Prompt, Question, QuestionKind

END = 0
LETTERS = 128


class Letters:
    """A token is an ASCII letter. `follows` gives the likelihoods of the next one after a text written so far."""

    def __init__(self, follows: dict[str, dict[str, float]]) -> None:
        self.follows = follows
        self.written = ""
        self.prompts: list[str] = []

    def opening(self) -> Tokens:
        return ()

    def tokenize(self, text: str, *, control: bool = False) -> Tokens:
        return tuple(text.encode("ascii"))

    def piece(self, token: int) -> bytes:
        return bytes([token])

    def ends(self, token: int) -> bool:
        return token == END

    def read(self, groups: Sequence[Tokens]) -> tuple[Reading, numpy.ndarray]:
        self.written = ""
        self.prompts.append("".join(bytes(group).decode() for group in groups))
        return Reading(len(self.prompts[-1]), 0), self._scores()

    def extend(self, tokens: Tokens) -> list[numpy.ndarray]:
        scores = []
        for token in tokens:
            self.written += chr(token)
            scores.append(self._scores())
        return scores

    @contextmanager
    def trial(self) -> Iterator[None]:
        before = self.written
        yield
        self.written = before

    def _scores(self) -> numpy.ndarray:
        scores = numpy.full(LETTERS, -math.inf)
        for letter, likelihood in self.follows[self.written].items():
            scores[ord(letter)] = math.log(likelihood)
        return scores


def generator(follows: dict[str, dict[str, float]], context_tokens: int = 100) -> LocalGenerator:
    engine = cast("Engine", Letters(follows))
    return LocalGenerator("letters", "0" * 64, context_tokens, prompt_format("plain"), engine)


def closed(*choices: str, lead: str = "") -> Prompt:
    return Prompt(("s",), Question("q", QuestionKind.CLOSED, "?", choices=choices, lead=lead))


def short(max_tokens: int) -> Prompt:
    return Prompt(("s",), Question("q", QuestionKind.SHORT, "?", max_tokens=max_tokens))


def test_choices_of_one_token_are_weighed_against_each_other_alone() -> None:
    (answer,) = generator({"": {"A": 0.1, "B": 0.3, "x": 0.6}}).answer([closed("A", "B")])
    assert answer.probabilities == pytest.approx((0.25, 0.75))
    assert (answer.text, answer.tokens_written) == ("B", 0)


def test_choices_that_share_their_first_letters_are_read_to_where_they_differ() -> None:
    follows = {"": {"n": 1.0}, "n": {"o": 1.0}, "no": {"t": 0.8, "w": 0.2}}
    (answer,) = generator(follows).answer([closed("not", "now")])
    assert answer.probabilities == pytest.approx((0.8, 0.2))


def test_a_choice_that_begins_like_another_has_to_end() -> None:
    """`plain` ends an answer with the line. Without that, 1 would be as likely as 1, 12 and 13 together."""
    follows = {"": {"1": 1.0}, "1": {"2": 0.6, "3": 0.3, "\n": 0.1}, "12": {"\n": 1.0}, "13": {"\n": 1.0}}
    (answer,) = generator(follows).answer([closed("1", "12", "13")])
    assert answer.probabilities == pytest.approx((0.1, 0.6, 0.3))


def test_the_space_at_the_end_of_a_lead_is_read_with_the_choice() -> None:
    one = generator({"": {" ": 1.0}, " ": {"A": 0.9, "B": 0.1}})
    (answer,) = one.answer([closed("A", "B", lead="It is ")])
    assert answer.probabilities == pytest.approx((0.9, 0.1))
    assert cast("Letters", one.engine).prompts == ["s\n\n?\nIt is"]


@pytest.mark.parametrize(
    ("max_tokens", "text", "written", "evaluated"),
    [(9, "ab", 3, "ab"), (2, "ab", 2, "a"), (1, "a", 1, ""), (0, "", 0, "")],
    ids=["to the end of the line", "to its bound", "one", "none"],
)
def test_a_line_is_written_likeliest_token_first(max_tokens: int, text: str, written: int, evaluated: str) -> None:
    """The last token is chosen, never evaluated: nothing comes after it."""
    one = generator({"": {"a": 0.6, "b": 0.4}, "a": {"b": 1.0}, "ab": {"\n": 0.9, "c": 0.1}})
    (answer,) = one.answer([short(max_tokens)])
    assert cast("Letters", one.engine).written == evaluated
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
    assert cast("Letters", tight.engine).prompts == []
