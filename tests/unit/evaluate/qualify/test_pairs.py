from __future__ import annotations

import json

import pytest

from lrev.evaluate.qualify.pairs import NONE, apart, ask_twins, asked, schema
from lrev.evaluate.qualify.questions import Questions
from lrev.model.fake import FakeAnswer, FakeGenerator, undecided
from lrev.paths import prompts_directory
from lrev.qualification import TwinAnswered
from lrev.types import Prompt, QuestionKind

QUESTIONS = Questions.load(prompts_directory())
BY_ID = {twin.id: twin for twin in QUESTIONS.all_twins}


def knowing(prompt: Prompt) -> FakeAnswer:
    """A model that knows every twin, and likes A."""
    twin = BY_ID[prompt.question.id.split("/")[0]]
    wrong = prompt.segments[-1] == QUESTIONS.shown(twin.name, twin.wrong)
    if prompt.question.kind is QuestionKind.JSON:
        return json.dumps({"line": twin.faulty[0] if wrong else NONE})
    defect_first = f"A: {twin.defect}" in prompt.question.text
    return (0.9, 0.1) if defect_first is wrong else (0.6, 0.4)


def test_a_model_that_knows_tells_all_twins_apart() -> None:
    found = tuple(ask_twins(FakeGenerator(knowing), QUESTIONS))
    assert len(found) == 36
    assert all(one.faulty > one.sound and one.named and one.cleared for one in found)
    measured = apart(found)
    assert measured.area == 1.0
    assert measured.gap.low == pytest.approx(measured.gap.mean) == pytest.approx(found[0].faulty - found[0].sound)


def test_a_model_that_says_the_same_of_all_tells_none_apart() -> None:
    found = tuple(ask_twins(FakeGenerator(lambda prompt: undecided(prompt) or '{"line": "none"}'), QUESTIONS))
    assert not any(one.faulty > one.sound or one.named for one in found)
    assert all(one.cleared for one in found)
    assert apart(found).area == 0.5


def test_an_answer_that_was_cut_off_names_nothing() -> None:
    found = tuple(ask_twins(FakeGenerator(lambda prompt: undecided(prompt) or '{"line": "no'), QUESTIONS))
    assert not any(one.named or one.cleared for one in found)


def test_twins_are_asked_as_reviews_ask() -> None:
    twin = QUESTIONS.twins["locking"][0]
    first, second, openly = asked(twin, twin.wrong, QUESTIONS)
    assert first.segments == second.segments == openly.segments
    assert first.segments[0] == QUESTIONS.prompts.render("stages/reviewer")
    assert first.question.text.split("A: ")[1] == f"{twin.defect}\nB: {twin.sound}\nAnswer A or B.\n"
    assert second.question.text.split("A: ")[1] == f"{twin.sound}\nB: {twin.defect}\nAnswer A or B.\n"
    assert "+ \t\treturn -EBUSY;" in first.segments[2]


def test_openly_one_of_the_lines_is_named_or_none() -> None:
    choices = json.loads(schema("\nint f(void)\n{\n\treturn 0;\n}\n"))["properties"]["line"]["enum"]
    assert choices == ["int f(void)", "return 0;", "none"]


def test_the_area_counts_every_sound_with_every_faulty_one() -> None:
    """Faulty 1 and 3 against sound 0 and 2: three of four in order, though each pair is."""
    twins = tuple(TwinAnswered("t", "f", sound, sound + 1, True, True) for sound in (0.0, 2.0))
    assert apart(twins).area == 0.75
