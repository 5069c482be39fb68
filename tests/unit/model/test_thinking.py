"""What a thinking model is asked; how it thinks is tests/model/test_thinking.py's."""

from __future__ import annotations

from typing import cast

from lrev.model.prompt_format import PromptFormat, Thinking
from lrev.model.thinking import Thoughts, grammar_of_thought
from lrev.model.vocabulary import Vocabulary
from lrev.types import Prompt, Question, QuestionKind
from tests.unit.model.letters import LetterVocabulary

FORM = PromptFormat("", "|", "\n", "\n", Thinking("(", "</x>", "</x>)"))
THOUGHTS = Thoughts(FORM, cast("Vocabulary", LetterVocabulary()), 12)


def asked(kind: QuestionKind) -> Prompt:
    return Prompt(("s",), Question("q", kind, "?", choices=("A", "B"), max_tokens=5))


def test_closed_questions_are_not_thought_about() -> None:
    assert THOUGHTS.room(asked(QuestionKind.CLOSED)) == 0
    assert THOUGHTS.room(asked(QuestionKind.JSON)) == THOUGHTS.room(asked(QuestionKind.SHORT)) == 12


def test_a_closed_question_comes_behind_a_thought_that_was_closed_at_once() -> None:
    groups = FORM.groups(asked(QuestionKind.CLOSED))
    assert "".join(piece.text for piece in groups[-1]) == "?\n(</x>)"


def test_what_was_thought_ends_where_its_mark_begins() -> None:
    assert THOUGHTS._said(tuple(b"a < b </x> then")) == tuple(b"a < b ")
    assert THOUGHTS._said(tuple(b"cut off </")) == tuple(b"cut off </")


def test_a_thought_may_hold_anything_but_what_ends_it() -> None:
    assert grammar_of_thought("</think>") == 'root ::= text "</think>"\ntext ::= ([^<] | "<" [^</])*\n'
