"""All measurements of one model, in order: how it is spoken to, what it finds, what it writes, what it tells apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from lrev import __version__
from lrev.errors import UsageError
from lrev.evaluate.qualify import facts, forms, pairs, speed, spoken
from lrev.evaluate.qualify.questions import Questions
from lrev.evaluate.qualify.tiers import tier_of
from lrev.model.generator import LocalGenerator
from lrev.model.metadata import Stated
from lrev.qualification import SCHEMA, MeasuredWith, Qualification
from lrev.types import Prompt

# What a written answer costs beside what is read, in tokens that are read in the same time: one of a batch at a time.
_WRITTEN_COST = 4
_WRITTEN_TOKENS_A_TWIN = 30
_AROUND_QUESTION_TOKENS = 6  # control tokens up to the answer
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that is open, what its file states, and what it is measured with."""

    generator: LocalGenerator
    stated: Stated
    stated_tokens: int
    prompt_format: str
    measured_with: MeasuredWith


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second on this machine: read, by length of the context; written."""

    read: tuple[tuple[int, float], ...]
    written: speed.Written


@dataclass(frozen=True, slots=True)
class Measured:
    qualification: Qualification
    speed: Speed


def qualify(subject: Subject, questions: Questions, progress: Progress) -> Measured:
    """Raises UsageError when the planned length leaves no room to measure."""
    generator, planned = subject.generator, subject.measured_with.planned_tokens
    require_room(planned)
    meter = _Meter(progress, read_tokens(generator, questions, planned))
    heard = spoken.speak(generator, subject.prompt_format, subject.stated.template, questions)
    read = [*facts.ask_facts(generator, questions, planned, meter.add)]
    written = speed.write(generator, questions)
    kept = tuple(forms.ask_forms(generator, questions, meter.add))
    twins = tuple(pairs.ask_twins(generator, questions, meter.add))
    found = [one for length in read for one in length.found]
    qualification = Qualification(
        schema=SCHEMA,
        model=generator.name,
        lrev=__version__,
        tier=tier_of(twins, kept),
        measured_with=subject.measured_with,
        trained_tokens=subject.stated.trained_tokens,
        stated_tokens=subject.stated_tokens,
        usable_tokens=facts.usable_tokens(found),
        spoken=heard,
        facts=tuple(found),
        forms=kept,
        twins=twins,
    )
    rates = tuple((length.tokens, length.tokens_per_second) for length in read)
    return Measured(qualification, Speed(rates, written))


def require_room(planned_tokens: int) -> None:
    """Raises UsageError for a planned length that leaves no room for what is measured."""
    if planned_tokens < facts.LEAST_TOKENS:
        raise UsageError(
            f"prompts have {planned_tokens} tokens, and a model is qualified at {facts.LEAST_TOKENS} or more",
            "raise prompt_tokens in lrev.toml for this, or give a model whose context holds it",
        )


@dataclass(slots=True)
class _Meter:
    """Tokens read, of all stages together."""

    progress: Progress
    total: int
    read: int = 0

    def add(self, tokens: int) -> None:
        self.read += tokens
        self.progress(self.read, self.total)


def read_tokens(generator: LocalGenerator, questions: Questions, planned_tokens: int) -> int:
    """About how many tokens all of it reads."""
    asked = [facts.prompts_of(one, generator, questions) for one in facts.lengths(planned_tokens)]
    prompts = [prompt for one in asked for _, prompt in one]
    prompts += [prompt for _, prompt in forms.prompts_of(questions)]
    for twin in questions.all_twins:
        prompts += [prompt for code in (twin.right, twin.wrong) for prompt in pairs.asked(twin, code, questions)]
    return _counted(generator, prompts)


def work_tokens(generator: LocalGenerator, questions: Questions, planned_tokens: int) -> int:
    """The same with what is written, as tokens that would be read in the time."""
    written = 2 * len(questions.all_twins) * _WRITTEN_TOKENS_A_TWIN
    written += sum(prompt.question.max_tokens for _, prompt in forms.prompts_of(questions)) // 2
    return read_tokens(generator, questions, planned_tokens) + _WRITTEN_COST * written


def _counted(generator: LocalGenerator, prompts: list[Prompt]) -> int:
    """Segments once each, and of a question what it does not begin with like the one before it."""
    segments = {segment for prompt in prompts for segment in prompt.segments}
    read = sum(map(generator.count, segments))
    before: Prompt | None = None
    for prompt in prompts:
        text = prompt.question.text
        same = before is not None and before.segments == prompt.segments
        shared = _shared(before.question.text, text) if before and same else 0
        read += generator.count(text[shared:]) + _AROUND_QUESTION_TOKENS
        before = prompt
    return read


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
