"""Rule matches -> the narrow questions that code cannot answer itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lrev.evidence.refute import refute
from lrev.review.coverage import rule_answered, rule_asked, rule_unasked
from lrev.review.prompts import Prompts, as_data
from lrev.rules.rule import Needed, Rule
from lrev.rules.triggers import Match
from lrev.types import ChangedFunction, Context, Coverage, Question, QuestionKind

CHOICES = ("A", "B")
QUOTE_TOKENS = 60  # one line of code, 120 columns at most
PROVEN = "a check has shown it"
# Questions over one function; beyond this a reviewer reads the function anyway and the machine's night is better
# spent on the next one.
QUESTIONS_PER_FUNCTION = 8


@dataclass(frozen=True, slots=True)
class Raised:
    """One match as the model will be asked it: the two statements in both orders, and the line that shows it."""

    match: Match
    defect_first: Question
    sound_first: Question
    quote: Question

    @property
    def all(self) -> tuple[Question, Question, Question]:
        return self.defect_first, self.sound_first, self.quote


def raise_questions(
    function: ChangedFunction, matches: Sequence[Match], prompts: Prompts, barred: Callable[[Rule], str]
) -> tuple[tuple[Raised, ...], tuple[Coverage, ...]]:
    """What is left to ask once code has answered what it can, and a coverage line for every match.

    `barred` says why a rule is not put to this model on this tree, or "".
    """
    raised: list[Raised] = []
    coverage: list[Coverage] = []
    for match in matches:
        if match.proven:
            coverage.append(rule_answered(match, function, PROVEN))
        elif reason := refute(function, match):
            coverage.append(rule_answered(match, function, reason))
        elif why := barred(match.rule):
            coverage.append(rule_unasked(match, function, why))
        elif len(raised) == QUESTIONS_PER_FUNCTION:
            why = f"more than {QUESTIONS_PER_FUNCTION} questions over one function"
            coverage.append(rule_unasked(match, function, why))
        else:
            raised.append(pose(match, function, prompts))
            coverage.append(rule_asked(match, function))
    return tuple(raised), tuple(coverage)


def on_the_table(
    raised: Sequence[Raised], coverage: Sequence[Coverage], context: Context
) -> tuple[tuple[Raised, ...], tuple[Coverage, ...]]:
    """The questions that have what they need in `context`; the coverage lines of the others say what was missing."""
    kept = list(coverage)
    asked: list[Raised] = []
    for one in raised:
        if missing := _missing(one.match, context):
            kept[kept.index(rule_asked(one.match, context.function))] = rule_unasked(
                one.match, context.function, missing
            )
        else:
            asked.append(one)
    return tuple(asked), tuple(kept)


def _missing(match: Match, context: Context) -> str:
    needs = match.rule.needs
    if Needed.FUNCTION in needs and not context.code_whole:
        return "it needs all of the function, which does not fit the prompt budget"
    named = {passage.title.removesuffix("()") for passage in context.passages}
    if Needed.CALLEE in needs and match.call not in named:
        return f"it needs the definition of `{match.call}`, which the index or the prompt budget does not give"
    return ""


def unasked(function: ChangedFunction, matches: Sequence[Match], why: str) -> tuple[Coverage, ...]:
    """Coverage of the matches of a function that no model reads, those answered by code apart."""
    reasons = ((match, PROVEN if match.proven else refute(function, match)) for match in matches)
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


def pose(match: Match, function: ChangedFunction, prompts: Prompts) -> Raised:
    """The questions of one match, whether or not code could answer them."""
    origin = f"{function.path}:{match.line}:{match.rule.id}:{match.call}"
    values = {"name": function.name, "line": as_data(line_text(function, match.line)).strip()}
    sound, defect = fill(match.rule.sound, match), fill(match.rule.defect, match)

    def closed(side: str, first: str, second: str) -> Question:
        text = prompts.render("questions/closed", first=first, second=second, **values)
        return Question(f"{origin}/{side}", QuestionKind.CLOSED, text, choices=CHOICES)

    return Raised(
        match,
        closed("defect-first", defect, sound),
        closed("sound-first", sound, defect),
        Question(
            f"{origin}/quote",
            QuestionKind.SHORT,
            prompts.render("questions/quote", defect=defect, **values),
            max_tokens=QUOTE_TOKENS,
            lead="`",
        ),
    )
