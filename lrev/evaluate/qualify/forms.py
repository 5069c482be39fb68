"""Answers under a schema: how often what a model writes is whole and valid, and not cut off at its bound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from lrev.errors import ManifestError
from lrev.evaluate.qualify.questions import Questions
from lrev.qualification import FormKept, Share
from lrev.types import Answer, Generator, Prompt, Question, QuestionKind

# Functions that each form is asked of: the sound twins of the first pairs.
FUNCTIONS = 3
_Words = Annotated[str, Field(min_length=1, max_length=80)]
_Name = Annotated[str, Field(pattern="^[a-z_]{1,40}$")]
_Line = Annotated[int, Field(ge=1, le=40)]
Done = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _At:
    line: _Line


@dataclass(frozen=True, slots=True)
class _Quote:
    quote: _Words
    returns: _Words


@dataclass(frozen=True, slots=True)
class _Verdict:
    sound: bool
    reason: _Words


@dataclass(frozen=True, slots=True)
class _Call:
    name: _Name
    may_fail: bool


@dataclass(frozen=True, slots=True)
class _Finding:
    call: _Call
    advice: _Words


# What each form of prompts/qualification/questions.toml has to be, and the most tokens its text can need.
FORMS: Mapping[str, tuple[TypeAdapter[Any], int]] = {
    "sentence": (TypeAdapter(_Words), 60),
    "kind": (TypeAdapter(Literal["lock", "allocate", "free", "walk", "write", "none"]), 12),
    "line": (TypeAdapter(_At), 16),
    "quote": (TypeAdapter(_Quote), 100),
    "names": (TypeAdapter(Annotated[list[_Name], Field(min_length=1, max_length=4)]), 100),
    "lines": (TypeAdapter(Annotated[list[_Line], Field(min_length=1, max_length=4)]), 40),
    "verdict": (TypeAdapter(_Verdict), 70),
    "finding": (TypeAdapter(_Finding), 100),
}


def prompts_of(questions: Questions) -> list[tuple[str, Prompt]]:
    """Every form over one function, then over the next. Raises ManifestError for a form that is not known."""
    found = []
    for twin in questions.all_twins[:FUNCTIONS]:
        segments = (*questions.head(), questions.shown(twin.name, twin.right))
        for one in questions.forms:
            if one.form not in FORMS:
                raise ManifestError(f"no form '{one.form}' of answers", f"there are {', '.join(FORMS)}")
            adapter, most_tokens = FORMS[one.form]
            question = Question(
                f"{twin.id}/{one.form}",
                QuestionKind.JSON,
                one.question.replace("{name}", twin.name),
                max_tokens=most_tokens,
                schema=json.dumps(adapter.json_schema()),
            )
            found.append((one.form, Prompt(segments, question)))
    return found


def ask_forms(generator: Generator, questions: Questions, done: Done) -> Iterator[FormKept]:
    asked = prompts_of(questions)
    answers = generator.answer([prompt for _, prompt in asked])
    done(sum(answer.tokens_read for answer in answers))
    kept: dict[str, list[bool]] = {}
    for (form, _), answer in zip(asked, answers, strict=True):
        kept.setdefault(form, []).append(is_kept(form, answer))
    for form, found in kept.items():
        yield FormKept(form, Share(sum(found), len(found)))


def is_kept(form: str, answer: Answer) -> bool:
    """Whole and valid. What was cut off at its bound is no JSON: each form ends with a quote or a bracket."""
    adapter, _ = FORMS[form]
    try:
        adapter.validate_json(answer.text)
    except ValidationError:
        return False
    return True
