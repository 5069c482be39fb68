"""How a real small model is spoken to, rightly and wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lrev.evaluate.qualify.questions import Questions
from lrev.evaluate.qualify.spoken import ENDS_FROM, compared, speak
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.model.metadata import stated
from lrev.model.prompt_format import prompt_format
from lrev.paths import prompts_directory
from lrev.qualification import Spoken

pytestmark = pytest.mark.model
QUESTIONS = Questions.load(prompts_directory())


@pytest.fixture
def spoken_to(spec: EngineSpec, smollm2_path: Path) -> Callable[[str], Spoken]:
    def speaking(name: str) -> Spoken:
        with open_generator(replace(spec, prompt_format=name)) as generator:
            return speak(generator, name, stated(smollm2_path).template, QUESTIONS)

    return speaking


def test_its_own_format_has_no_problem(generator: LocalGenerator, smollm2_path: Path) -> None:
    found = speak(generator, "chatml", stated(smollm2_path).template, QUESTIONS)
    assert (found.template, found.problems) == ("agrees with the file's own", ())
    assert found.ends > ENDS_FROM


def test_a_strange_format_has_every_problem(spoken_to: Callable[[str], Spoken]) -> None:
    found = spoken_to("llama3")
    assert found.template.startswith("differs before the system text: the file's own has '<|im_start|>system")
    assert "'<|eot_id|>' is no token of the model" in found.problems
    assert "the model does not end its turn with '<|eot_id|>'" in found.problems
    assert any("is ended with a probability" in problem for problem in found.problems)


def test_a_template_that_cannot_be_read_is_no_problem_of_the_format() -> None:
    assert compared("", prompt_format("chatml")) == "the file has none"
    assert compared("{{ x", prompt_format("chatml")).startswith("the file's own cannot be read: TemplateSyntaxError")
