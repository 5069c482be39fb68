"""Sound and faulty twins, asked as a review asks; and openly, which decides whether a model may be asked so at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lrev.evaluate.intervals import Interval, interval
from lrev.evaluate.qualify.questions import Questions, Twin
from lrev.qualification import TwinAnswered
from lrev.review.calibrate import log_odds
from lrev.review.questions import CHOICES
from lrev.types import Answer, Generator, Prompt, Question, QuestionKind

NONE = "none"
# A line of a twin, its name and what JSON needs; what is longer was cut off and names no line.
_OPEN_TOKENS = 60
Done = Callable[[int], None]


def ask_twins(generator: Generator, questions: Questions, done: Done = lambda _: None) -> Iterator[TwinAnswered]:
    """`done` is told the tokens that were read."""
    for family, twins in questions.twins.items():
        for twin in twins:
            sound, faulty = (generator.answer(asked(twin, code, questions)) for code in (twin.right, twin.wrong))
            done(sum(answer.tokens_read for answer in (*sound, *faulty)))
            yield _answered(family, twin, sound, faulty)


def asked(twin: Twin, code: str, questions: Questions) -> list[Prompt]:
    """Both orders of the two statements, then openly, over one of the twins."""
    segments = (*questions.head(), questions.shown(twin.name, code))
    values = {"name": twin.name, "line": twin.looked_at(code)}

    def closed(first: str, second: str) -> Question:
        text = questions.prompts.render("questions/closed", first=first, second=second, **values)
        return Question(f"{twin.id}/closed", QuestionKind.CLOSED, text, choices=CHOICES)

    text = questions.open.replace("{name}", twin.name)
    openly = Question(f"{twin.id}/open", QuestionKind.JSON, text, max_tokens=_OPEN_TOKENS, schema=schema(code))
    return [
        Prompt(segments, question)
        for question in (closed(twin.defect, twin.sound), closed(twin.sound, twin.defect), openly)
    ]


def schema(code: str) -> str:
    """One of the lines of the function, or none: what is measured is the choice, not the copying."""
    lines = dict.fromkeys(line.strip() for line in code.split("\n") if line.strip() not in ("", "{", "}"))
    return json.dumps(
        {"type": "object", "properties": {"line": {"enum": [*lines, NONE]}}, "required": ["line"]}, ensure_ascii=True
    )


def named(answer: Answer) -> str:
    """The line that an open answer names; "" for one that was cut off."""
    try:
        return str(json.loads(answer.text)["line"])
    except (ValueError, KeyError, TypeError):
        return ""


def _answered(family: str, twin: Twin, sound: list[Answer], faulty: list[Answer]) -> TwinAnswered:
    return TwinAnswered(
        twin.id,
        family,
        round(log_odds(sound[0], sound[1]), 4),
        round(log_odds(faulty[0], faulty[1]), 4),
        named=named(faulty[2]) in twin.faulty,
        cleared=named(sound[2]) == NONE,
    )


@dataclass(frozen=True, slots=True)
class Apart:
    """How far twins lie apart: `gap` in nats within a pair, `area` under the ROC curve over all of them."""

    gap: Interval
    area: float


def apart(twins: tuple[TwinAnswered, ...]) -> Apart:
    """`area` is the share of all (sound, faulty) in which the faulty one has the higher log-odds (Mann and Whitney)."""
    wins = sum((bad.faulty > good.sound) + (bad.faulty == good.sound) / 2 for good in twins for bad in twins)
    return Apart(interval([one.faulty - one.sound for one in twins]), wins / len(twins) ** 2)
