"""Questions -> answers -> verdicts: both ways round first, then the line, for those that lean to a defect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrev.review.plan import FunctionPlan
from lrev.review.questions import Raised
from lrev.review.verify import DEFECT_NATS, Verifier, finding_of_answer, lean
from lrev.types import Answer, Generator, Tokens, Verdict


@dataclass(frozen=True, slots=True)
class Answered:
    verdicts: tuple[Verdict, ...]
    tokens: Tokens


def ask(plans: Sequence[FunctionPlan], generator: Generator, verifier: Verifier) -> Answered:
    """Every raised question gets a verdict: kept, dropped, or not a finding because the model saw no defect."""
    verdicts: list[Verdict] = []
    answers: list[Answer] = []
    for plan in plans:
        closed = [plan.prompt(question) for one in plan.raised for question in (one.defect, one.sound)]
        both = generator.answer(closed)
        answers += both
        leans = [(one, lean(both[2 * place], both[2 * place + 1])) for place, one in enumerate(plan.raised)]
        suspects = [(one, nats) for one, nats in leans if nats >= DEFECT_NATS]
        quotes = generator.answer([plan.prompt(one.quote) for one, _ in suspects]) if suspects else []
        answers += quotes
        for (one, nats), quote in zip(suspects, quotes, strict=True):
            finding = finding_of_answer(one, plan.context.function, nats, quote.text)
            verdicts.append(verifier.verdict(finding, plan.context.function))
        verdicts += [_cleared(one, nats, plan) for one, nats in leans if nats < DEFECT_NATS]
    return Answered(tuple(verdicts), _sum(answers))


def _cleared(raised: Raised, nats: float, plan: FunctionPlan) -> Verdict:
    finding = finding_of_answer(raised, plan.context.function, nats, "")
    return Verdict(finding, False, f"asked both ways round, the model does not lean to a defect ({nats:+.2f} nats)")


def _sum(answers: Sequence[Answer]) -> Tokens:
    return Tokens(
        read=sum(answer.tokens_read for answer in answers),
        reused=sum(answer.tokens_reused for answer in answers),
        written=sum(answer.tokens_written for answer in answers),
    )
