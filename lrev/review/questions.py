"""Rule matches -> the narrow questions that code cannot answer itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrev.evidence.refute import refute
from lrev.review.coverage import rule_answered, rule_asked, rule_unasked
from lrev.review.prompts import Prompts, as_data
from lrev.rules.triggers import Match
from lrev.types import ChangedFunction, Coverage, Question, QuestionKind

YES_NO = ("Yes", "No")
QUOTE_TOKENS = 60  # one line of code, 120 columns at most
# Questions over one function; beyond this a reviewer reads the function anyway and the machine's night is better
# spent on the next one.
QUESTIONS_PER_FUNCTION = 8


@dataclass(frozen=True, slots=True)
class Raised:
    """One match as the model will be asked it: both ways round, and for the line that shows it."""

    match: Match
    defect: Question
    sound: Question
    quote: Question

    @property
    def all(self) -> tuple[Question, Question, Question]:
        return self.defect, self.sound, self.quote


def raise_questions(
    function: ChangedFunction, matches: Sequence[Match], prompts: Prompts
) -> tuple[tuple[Raised, ...], tuple[Coverage, ...]]:
    """What is left to ask once code has answered what it can, and a coverage line for every match."""
    raised: list[Raised] = []
    coverage: list[Coverage] = []
    for match in matches:
        if reason := refute(function, match):
            coverage.append(rule_answered(match, function, reason))
        elif len(raised) == QUESTIONS_PER_FUNCTION:
            why = f"more than {QUESTIONS_PER_FUNCTION} questions over one function"
            coverage.append(rule_unasked(match, function, why))
        else:
            raised.append(_raised(match, function, prompts))
            coverage.append(rule_asked(match, function))
    return tuple(raised), tuple(coverage)


def unasked(function: ChangedFunction, matches: Sequence[Match], why: str) -> tuple[Coverage, ...]:
    """Coverage of the matches of a function that no model reads, those answered by code apart."""
    reasons = ((match, refute(function, match)) for match in matches)
    return tuple(
        rule_answered(match, function, reason) if reason else rule_unasked(match, function, why)
        for match, reason in reasons
    )


def line_text(function: ChangedFunction, line: int) -> str:
    """The text of `line` of the post-image, which must lie in the function."""
    assert function.after is not None
    return function.after.text.split("\n")[line - function.after.span.start]


def fill(text: str, match: Match) -> str:
    return text.replace("{call}", match.call).replace("{variable}", match.variable or "the result")


def _raised(match: Match, function: ChangedFunction, prompts: Prompts) -> Raised:
    origin = f"{function.path}:{match.line}:{match.rule.id}:{match.call}"
    values = {
        "rule": fill(match.rule.knowledge, match),
        "name": function.name,
        "line": as_data(line_text(function, match.line)).strip(),
    }

    def closed(side: str, text: str) -> Question:
        rendered = prompts.render("questions/closed", question=fill(text, match), **values)
        return Question(f"{origin}/{side}", QuestionKind.CLOSED, rendered, choices=YES_NO)

    quote = prompts.render("questions/quote", question=fill(match.rule.defect, match), **values)
    return Raised(
        match,
        closed("defect", match.rule.defect),
        closed("sound", match.rule.sound),
        Question(f"{origin}/quote", QuestionKind.SHORT, quote, max_tokens=QUOTE_TOKENS, lead="`"),
    )
