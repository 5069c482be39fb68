from __future__ import annotations

import json

import pytest

from lrev.errors import ManifestError
from lrev.evaluate.qualify.forms import FORMS, ask_forms, is_kept, prompts_of
from lrev.evaluate.qualify.questions import Form, Questions
from lrev.model.fake import FakeGenerator
from lrev.model.grammar import grammar_of
from lrev.paths import prompts_directory
from lrev.qualification import Share, total
from lrev.types import Answer, Prompt

QUESTIONS = Questions.load(prompts_directory())
WHOLE = {
    "sentence": '"It takes a lock."',
    "kind": '"lock"',
    "line": '{"line": 4}',
    "quote": '{"quote": "return 0;", "returns": "0"}',
    "names": '["mutex_lock", "mutex_unlock"]',
    "lines": "[3, 9]",
    "verdict": '{"sound": true, "reason": "it unlocks"}',
    "finding": '{"call": {"name": "lamp_set", "may_fail": true}, "advice": "test it"}',
}


def test_every_form_is_asked_of_three_functions() -> None:
    asked = prompts_of(QUESTIONS)
    assert len(asked) == 24
    assert {form for form, _ in asked} == set(FORMS) == set(WHOLE)
    assert len({prompt.segments for _, prompt in asked}) == 3
    assert all("{" not in prompt.question.text for _, prompt in asked)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_has_a_grammar_and_room(form: str) -> None:
    adapter, most_tokens = FORMS[form]
    assert grammar_of(json.dumps(adapter.json_schema())).count("root ::= ") == 1
    assert most_tokens >= len(WHOLE[form].split())


@pytest.mark.parametrize(("form", "text"), WHOLE.items())
def test_what_is_whole_is_kept_and_what_is_cut_off_is_not(form: str, text: str) -> None:
    assert is_kept(form, Answer("q", text))
    assert not is_kept(form, Answer("q", text[:-1]))
    assert not is_kept(form, Answer("q", "{}"))


def test_the_share_of_a_form() -> None:
    def answers(prompt: Prompt) -> str:
        twin, form = prompt.question.id.split("/")
        return WHOLE[form] if (twin, form) != (QUESTIONS.all_twins[1].id, "names") else '["cut'

    kept = list(ask_forms(FakeGenerator(answers), QUESTIONS, lambda _: None))
    assert {one.form: one.share for one in kept}["names"] == Share(2, 3)
    assert total(one.share for one in kept) == Share(23, 24)


def test_a_form_that_is_not_known_is_named() -> None:
    odd = Questions(QUESTIONS.prompts, "", QUESTIONS.facts, (Form("poem", "Sing."),), QUESTIONS.twins)
    with pytest.raises(ManifestError, match="no form 'poem'"):
        prompts_of(odd)
