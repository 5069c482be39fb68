"""Questions -> answers -> verdicts: both orders first, then the line, for those that lean to the defect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lrev.review.calibrate import Calibration, log_odds
from lrev.review.plan import FunctionPlan
from lrev.review.questions import Raised
from lrev.review.verify import Verifier, finding_of_answer
from lrev.rules.rule import Rule
from lrev.types import Answer, Generator, Tokens, Verdict

# On the scale between a rule's sound (0) and faulty (1) example, an answer from here on is nearer to the faulty one.
FAULTY_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Answered:
    """What the model said over one plan: where each raised question was placed, and the lines of those that lean."""

    plan: FunctionPlan
    places: tuple[float, ...]
    quotes: tuple[Answer, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a model what a plan holds, and nothing else: no index takes part, so that this may run in its own thread.

    `scale` says how the model answers a rule's own examples.
    """

    generator: Generator
    scale: Callable[[Rule], Calibration]

    def ask(self, plans: Sequence[FunctionPlan]) -> tuple[Answered, ...]:
        return tuple(map(self._ask, plans))

    def _ask(self, plan: FunctionPlan) -> Answered:
        closed = [plan.prompt(text) for one in plan.raised for text in (one.defect_first, one.sound_first)]
        both = self.generator.answer(closed)
        places = tuple(
            self.scale(one.match.rule).place(log_odds(both[2 * at], both[2 * at + 1]))
            for at, one in enumerate(plan.raised)
        )
        suspects = [one for one, place in zip(plan.raised, places, strict=True) if place >= FAULTY_FROM]
        quotes = self.generator.answer([plan.prompt(one.quote) for one in suspects]) if suspects else []
        return Answered(plan, places, tuple(quotes), (*both, *quotes))


def verdicts_of(answered: Sequence[Answered], verifier: Verifier) -> Iterator[Verdict]:
    """Every raised question gets a verdict: kept, dropped, or cleared because the model saw no defect."""
    for one in answered:
        placed = list(zip(one.plan.raised, one.places, strict=True))
        suspects = [(raised, place) for raised, place in placed if place >= FAULTY_FROM]
        for (raised, place), quote in zip(suspects, one.quotes, strict=True):
            finding = finding_of_answer(raised, one.plan.context.function, place, quote.text)
            yield verifier.verdict(finding, one.plan.context.function)
        yield from (_cleared(raised, place, one.plan) for raised, place in placed if place < FAULTY_FROM)


def tokens_of(answered: Sequence[Answered]) -> Tokens:
    answers = [answer for one in answered for answer in one.answers]
    return Tokens(
        read=sum(answer.tokens_read for answer in answers),
        reused=sum(answer.tokens_reused for answer in answers),
        written=sum(answer.tokens_written for answer in answers),
    )


def _cleared(raised: Raised, place: float, plan: FunctionPlan) -> Verdict:
    finding = finding_of_answer(raised, plan.context.function, place, "")
    return Verdict(finding, False, f"the model's answer is nearer to sound code ({place:.2f} of the way to faulty)")
