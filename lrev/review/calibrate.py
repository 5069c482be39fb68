"""How a model answers a rule's own two examples, which is the scale its answers about a patch are read on.

Measured with Qwen2.5-Coder-1.5B on good and bad twins: asked Yes or No it says Yes to both, and even asked which of
two statements holds, in both orders, its log-odds for sound and for faulty code lie 0.2 to 0.4 nats apart, on either
side of a zero that differs from rule to rule. The difference between twins is what it saw; where that is too small,
the model cannot answer the rule, and is not asked.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lrev.errors import ManifestError
from lrev.evidence.examples import example
from lrev.retrieve.code import marked
from lrev.review.prompts import Prompts
from lrev.review.questions import Raised, pose
from lrev.rules.rule import Rule
from lrev.rules.triggers import Match
from lrev.types import Answer, ChangedFunction, Generator, Prompt

# Nats between a rule's two examples below which the model does not tell them apart: half of the least distance seen
# where it did, and more than batch shapes move an answer (0.08).
SEPARATION_NATS = 0.1
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds of the faulty statement, in nats, for the rule's sound and faulty example."""

    sound: float
    faulty: float

    @property
    def usable(self) -> bool:
        return self.faulty - self.sound >= SEPARATION_NATS

    def place(self, log_odds: float) -> float:
        """0 where the sound example lies, 1 where the faulty one does."""
        return (log_odds - self.sound) / (self.faulty - self.sound)


def log_odds(defect_first: Answer, sound_first: Answer) -> float:
    """Of the faulty statement, the mean over both orders, so that a liking for one letter cancels out."""
    return (_log_odds(defect_first.probabilities[0]) - _log_odds(sound_first.probabilities[0])) / 2


def calibrate(rule: Rule, generator: Generator, prompts: Prompts) -> Calibration:
    """Asks the rule's questions about its own examples, exactly as they are asked about a patch."""
    return calibration_of(generator.answer(calibration_prompts(rule, prompts)))


def calibration_prompts(rule: Rule, prompts: Prompts) -> tuple[Prompt, ...]:
    sound, faulty = (_posed(rule, text, prompts) for text in (rule.right, rule.wrong))
    return (*sound, *faulty)


def calibration_of(answers: Sequence[Answer]) -> Calibration:
    """From the answers to the prompts above, in their order."""
    return Calibration(log_odds(*answers[:2]), log_odds(*answers[2:]))


def _posed(rule: Rule, text: str, prompts: Prompts) -> Sequence[Prompt]:
    """As the match that the example triggers is asked; one that triggers nothing, as its faulty twin is."""
    shown, twin = example(rule, text), example(rule, rule.wrong)
    if shown is None or twin is None or twin.match is None:
        raise ManifestError(f"rule '{rule.id}' has an example that cannot be read", "run 'lrev rules test'")
    match = shown.match or replace(twin.match, line=_line(shown.function, twin.match))
    raised: Raised = pose(match, shown.function, prompts)
    segments = (
        prompts.render("stages/reviewer"),
        prompts.render("stages/patch", subject="lamp: a small driver", description=""),
        prompts.render(
            "stages/function",
            name=shown.function.name,
            path=shown.function.path,
            code=marked(shown.function),
            passages=[],
        ),
    )
    return Prompt(segments, raised.defect_first), Prompt(segments, raised.sound_first)


def _line(function: ChangedFunction, twin: Match) -> int:
    """The line of the sound example that has what its twin was triggered by, else the first of its body."""
    assert function.after is not None
    span = function.after.span
    numbered = enumerate(function.after.text.split("\n"), span.start)
    wanted = re.compile(rf"\b{re.escape(twin.call or twin.variable)}\b") if twin.call or twin.variable else None
    found = (at for at, one in numbered if wanted is not None and at > span.start and wanted.search(one))
    return next(found, min(span.start + 2, span.end))


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _SMALLEST), 1 - _SMALLEST)
    return math.log(bounded / (1 - bounded))
