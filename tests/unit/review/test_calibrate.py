from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from lrev.paths import prompts_directory
from lrev.review.calibrate import Calibration, calibrate, log_odds
from lrev.review.prompts import Prompts
from lrev.rules.load import load_rules
from lrev.types import Answer, Prompt
from tests.unit.changes import rule


class Scripted:
    """A generator whose liking for the first statement is a function of the prompt."""

    name, sha256, context_tokens = "scripted", "0" * 64, 4096

    def __init__(self, first: Callable[[Prompt], float]) -> None:
        self._first = first

    def count(self, text: str) -> int:
        return len(text.split())

    def overhead(self, prompt: Prompt) -> int:
        return 0

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        given = [(prompt.question.id, self._first(prompt)) for prompt in prompts]
        return [Answer(name, "A", (first, 1 - first)) for name, first in given]


def answered(first: float) -> Answer:
    return Answer("q", "A", (first, 1 - first))


def test_a_liking_for_one_letter_cancels_out() -> None:
    assert log_odds(answered(0.97), answered(0.97)) == 0
    assert log_odds(answered(0.9), answered(0.1)) > 2
    assert abs(log_odds(answered(1.0), answered(0.0))) < 20  # certainty stays finite


def test_a_model_that_sees_the_difference_gets_a_scale() -> None:
    def sees(prompt: Prompt) -> float:
        faulty = "if (!p)" not in prompt.segments[-1]
        defect_is_first = prompt.question.id.endswith("/defect-first")
        return 0.7 if faulty == defect_is_first else 0.3

    scale = calibrate(rule(), Scripted(sees), Prompts(prompts_directory()))
    assert scale.usable
    assert scale.place(scale.sound) == 0
    assert scale.place(scale.faulty) == pytest.approx(1)


def test_a_model_that_answers_alike_is_not_asked() -> None:
    assert not calibrate(rule(), Scripted(lambda _: 0.8), Prompts(prompts_directory())).usable
    assert not Calibration(sound=0.5, faulty=-0.5).usable


@pytest.mark.parametrize("one", load_rules(prompts_directory() / "rules"), ids=lambda one: one.id)
def test_every_shipped_rule_can_be_put_to_a_model(one: object) -> None:
    asked: list[Prompt] = []

    def keep(prompt: Prompt) -> float:
        asked.append(prompt)
        return 0.5

    calibrate(one, Scripted(keep), Prompts(prompts_directory()))  # type: ignore[arg-type]
    assert len(asked) == 4
    assert not any("{call}" in prompt.question.text or "{call}" in prompt.segments[-1] for prompt in asked)
