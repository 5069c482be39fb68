"""How a model answers a rule's own two examples, which is the scale its answers about a patch are read on.

Measured with Qwen2.5-Coder-1.5B on good and bad twins: asked Yes or No it says Yes to both, and even asked which of
two statements holds, in both orders, its log-odds for sound and for faulty code lie 0.2 to 0.4 nats apart, on either
side of a zero that differs from rule to rule. The difference between twins is what it saw; where that is too small,
the model cannot answer the rule, and is not asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lrev.review.prompts import Prompts
from lrev.review.questions import Raised, pose
from lrev.rules.load import Rule
from lrev.rules.triggers import Match
from lrev.types import Answer, ChangedFunction, FunctionSource, Generator, Prompt, Span

# Nats between a rule's two examples below which the model does not tell them apart: half of the least distance seen
# where it did, and more than batch shapes move an answer (0.08).
SEPARATION_NATS = 0.1
_EXAMPLE_PATH = "drivers/example/lamp.c"
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
    sound, faulty = (_example(rule, text, prompts) for text in (rule.right, rule.wrong))
    answers = generator.answer([*sound, *faulty])
    return Calibration(log_odds(*answers[:2]), log_odds(*answers[2:]))


def _example(rule: Rule, text: str, prompts: Prompts) -> Sequence[Prompt]:
    code = text.replace("{call}", rule.example_call)
    lines = code.split("\n")
    name = lines[0].partition("(")[0].split()[-1].lstrip("*")
    span = Span(1, len(lines))
    function = ChangedFunction(
        path=_EXAMPLE_PATH,
        name=name,
        before=None,
        after=FunctionSource(name, span, code, static=True, whole=True),
        changed=frozenset(range(1, len(lines) + 1)),
        removed=frozenset(),
        hunks=(0,),
    )
    line = next(at for at, one in enumerate(lines, 1) if f"{rule.example_call}(" in one)
    raised: Raised = pose(Match(rule, rule.example_call, line, ""), function, prompts)
    marked = "\n".join(f"+ {one}" for one in lines)
    segments = (
        prompts.render("stages/reviewer"),
        prompts.render("stages/patch", subject="lamp: a small driver", description=""),
        prompts.render("stages/function", name=name, path=_EXAMPLE_PATH, code=marked, passages=[]),
    )
    return Prompt(segments, raised.defect_first), Prompt(segments, raised.sound_first)


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _SMALLEST), 1 - _SMALLEST)
    return math.log(bounded / (1 - bounded))
