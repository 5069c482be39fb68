"""Thoughts of a model of random numbers: what they say means nothing, how they are bounded and kept apart does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lrev.errors import ContextOverflow, ManifestError
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.types import Prompt, Question, QuestionKind
from tests.model.tiny import write_gemma2

pytestmark = pytest.mark.model

THOUGHT_TOKENS = 30
SEGMENTS = ("You review code.", "static int f(void)\n{\n\treturn 0;\n}\n")
WRITTEN = Prompt(SEGMENTS, Question("w", QuestionKind.JSON, "Which?", max_tokens=12, schema='{"enum": ["yes", "no"]}'))
CLOSED = Prompt(SEGMENTS, Question("c", QuestionKind.CLOSED, "Which?", choices=("A", "B")))


@pytest.fixture(scope="module")
def tiny(spec: EngineSpec, tmp_path_factory: pytest.TempPathFactory) -> EngineSpec:
    path = write_gemma2(tmp_path_factory.mktemp("tiny") / "gemma2.gguf")
    return replace(spec, name="tiny", path=path, prompt_format="qwen3", context_tokens=400)


@pytest.fixture(scope="module")
def thinking(tiny: EngineSpec) -> Iterator[LocalGenerator]:
    with open_generator(replace(tiny, thinking_tokens=THOUGHT_TOKENS)) as opened:
        yield opened


@pytest.fixture(scope="module")
def silent(tiny: EngineSpec) -> Iterator[LocalGenerator]:
    with open_generator(tiny) as opened:
        yield opened


def test_the_answer_is_the_answer_alone(thinking: LocalGenerator) -> None:
    (answer,) = thinking.answer([WRITTEN])
    (again,) = thinking.answer([WRITTEN])
    assert json.loads(answer.text) in {"yes", "no"}
    assert (again.text, again.tokens_written) == (answer.text, answer.tokens_written)
    assert again.tokens_read + again.tokens_reused == answer.tokens_read + answer.tokens_reused


def test_the_thought_is_bounded_and_counted(thinking: LocalGenerator, silent: LocalGenerator) -> None:
    (thought,) = thinking.answer([WRITTEN])
    (plain,) = silent.answer([WRITTEN])
    assert plain.tokens_written < thought.tokens_written <= THOUGHT_TOKENS + WRITTEN.question.max_tokens
    assert thinking.overhead(WRITTEN) == silent.overhead(WRITTEN) + THOUGHT_TOKENS


def test_a_closed_question_is_answered_as_without_thinking(thinking: LocalGenerator, silent: LocalGenerator) -> None:
    assert thinking.answer([CLOSED])[0].probabilities == silent.answer([CLOSED])[0].probabilities
    assert thinking.overhead(CLOSED) == silent.overhead(CLOSED)


def test_thoughts_among_other_questions_stand_in_their_places(thinking: LocalGenerator) -> None:
    found = thinking.answer([CLOSED, WRITTEN, CLOSED])
    assert [one.question for one in found] == ["c", "w", "c"]
    assert bool(found[0].probabilities) and not found[1].probabilities


def test_room_for_the_thought_is_part_of_what_must_fit(tiny: EngineSpec) -> None:
    with open_generator(replace(tiny, thinking_tokens=350)) as generator, pytest.raises(ContextOverflow):
        generator.answer([WRITTEN])


def test_a_format_without_thinking_cannot_think(tiny: EngineSpec) -> None:
    wrong = replace(tiny, prompt_format="chatml", thinking_tokens=8)
    with pytest.raises(ManifestError, match="has thinking_tokens"), open_generator(wrong):
        pass
