"""Questions -> answers -> verdicts: both orders first, then the line, for those that lean to the defect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    verdicts: tuple[Verdict, ...]
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a model what a plan holds; `scale` says how it answers a rule's own examples."""

    generator: Generator
    scale: Callable[[Rule], Calibration]
    verifier: Verifier

    def ask(self, plans: Sequence[FunctionPlan]) -> Answered:
        """Every raised question gets a verdict: kept, dropped, or cleared because the model saw no defect."""
        verdicts: list[Verdict] = []
        answers: list[Answer] = []
        for plan in plans:
            closed = [plan.prompt(text) for one in plan.raised for text in (one.defect_first, one.sound_first)]
            both = self.generator.answer(closed)
            places = [
                (one, self.scale(one.match.rule).place(log_odds(both[2 * at], both[2 * at + 1])))
                for at, one in enumerate(plan.raised)
            ]
            suspects = [(one, place) for one, place in places if place >= FAULTY_FROM]
            quotes = self.generator.answer([plan.prompt(one.quote) for one, _ in suspects]) if suspects else []
            answers += [*both, *quotes]
            for (one, place), quote in zip(suspects, quotes, strict=True):
                finding = finding_of_answer(one, plan.context.function, place, quote.text)
                verdicts.append(self.verifier.verdict(finding, plan.context.function))
            verdicts += [_cleared(one, place, plan) for one, place in places if place < FAULTY_FROM]
        return Answered(tuple(verdicts), _sum(answers))


def _cleared(raised: Raised, place: float, plan: FunctionPlan) -> Verdict:
    finding = finding_of_answer(raised, plan.context.function, place, "")
    return Verdict(finding, False, f"the model's answer is nearer to sound code ({place:.2f} of the way to faulty)")


def _sum(answers: Sequence[Answer]) -> Tokens:
    return Tokens(
        read=sum(answer.tokens_read for answer in answers),
        reused=sum(answer.tokens_reused for answer in answers),
        written=sum(answer.tokens_written for answer in answers),
    )
