"""Tokens per second written: figures of this machine, printed and no part of what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.evaluate.qualify.questions import Questions
from lrev.types import Generator, Prompt, Question, QuestionKind

_WRITTEN_TOKENS = 48
_LINES = ("first", "second", "third", "last")
SIDE_BY_SIDE = len(_LINES)
# A text of any length: bounds on it would measure the grammar.
_TEXT = '{"type": "string"}'


@dataclass(frozen=True, slots=True)
class Written:
    """Tokens per second in all: of one answer alone, and of several that are written together."""

    alone: float
    together: float


def write(generator: Generator, questions: Questions) -> Written:
    twin = questions.all_twins[0]
    segments = (*questions.head(), questions.shown(twin.name, twin.right))
    prompts = [
        Prompt(
            segments,
            Question(
                f"speed/{line}",
                QuestionKind.JSON,
                f"Explain the {line} line of {twin.name}() at length.",
                max_tokens=_WRITTEN_TOKENS,
                schema=_TEXT,
            ),
        )
        for line in _LINES
    ]
    generator.answer([prompts[0]])  # so that the function stands in the cache
    return Written(_rate(generator, prompts[1:2]), _rate(generator, prompts))


def _rate(generator: Generator, prompts: list[Prompt]) -> float:
    answers = generator.answer(prompts)
    seconds = sum(answer.seconds for answer in answers)
    return sum(answer.tokens_written for answer in answers) / seconds if seconds else 0.0
