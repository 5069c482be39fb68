from __future__ import annotations

import numpy
import pytest

from lrev.errors import ContextOverflow
from lrev.model.fake import FakeEmbedder, FakeGenerator
from lrev.types import Prompt, Question, QuestionKind

CLOSED = Question("q/closed", QuestionKind.CLOSED, "is it sound", choices=("A", "B", "C"))
SHORT = Question("q/short", QuestionKind.SHORT, "quote the line", max_tokens=10, lead="the line")


def test_without_answers_it_is_undecided() -> None:
    closed, short = FakeGenerator().answer([Prompt(("system",), CLOSED), Prompt(("system",), SHORT)])
    assert closed.probabilities == (1 / 3, 1 / 3, 1 / 3)
    assert closed.text == "A"
    assert (short.text, short.probabilities) == ("", ())


def test_the_text_of_a_closed_answer_is_the_likeliest_choice() -> None:
    (answer,) = FakeGenerator(lambda _: (0.2, 0.7, 0.1)).answer([Prompt((), CLOSED)])
    assert (answer.question, answer.text, answer.probabilities) == ("q/closed", "B", (0.2, 0.7, 0.1))


def test_tokens_sum_to_what_a_planner_counts() -> None:
    generator = FakeGenerator(lambda _: "one two three")
    prompts = [Prompt(("the system", "a patch", text), SHORT) for text in ("f of x", "f of x", "g")]
    answers = generator.answer(prompts)
    for prompt, answer in zip(prompts, answers, strict=True):
        counted = sum(map(generator.count, prompt.segments)) + generator.count(prompt.question.text)
        assert counted + generator.overhead(prompt) == answer.tokens_read + answer.tokens_reused
    assert [answer.tokens_reused for answer in answers] == [0, 7, 4]
    assert [answer.tokens_written for answer in answers] == [3, 3, 3]


def test_what_does_not_fit_is_refused_before_anything_is_answered() -> None:
    asked: list[Prompt] = []

    def answer(prompt: Prompt) -> str:
        asked.append(prompt)
        return ""

    generator = FakeGenerator(answer, context_tokens=30)
    with pytest.raises(ContextOverflow, match="'q/short' needs 33 tokens, and the context of 'fake' holds 30"):
        generator.answer([Prompt((), SHORT), Prompt(("word " * 10,), SHORT)])
    assert not asked


def test_vectors_are_unit_and_depend_on_the_text_alone() -> None:
    embedder = FakeEmbedder()
    vectors = embedder.encode(["lock", "unlock", "lock", "", "\udc80"])
    assert vectors.shape == (5, 16) and vectors.dtype == numpy.float32
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1)
    assert (vectors[0] == vectors[2]).all()
    assert vectors[0] @ vectors[1] < 0.9
    assert (embedder.encode(["lock"])[0] == vectors[0]).all()
    assert embedder.encode([]).shape == (0, 16)
