"""Which functions the model reads, with which context, under which budget.

A pure function of patch, tree, index, rules, model, budget and seed: the clock has no say (DESIGN.md, thesis 6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lrev.retrieve.candidate import ASKED, Candidate
from lrev.retrieve.context import pack
from lrev.review.coverage import function_by_model
from lrev.review.prompts import Prompts, as_data, in_line
from lrev.review.questions import Raised, on_the_table, raise_questions, unasked
from lrev.rules.rule import Rule
from lrev.rules.triggers import Match
from lrev.types import ChangedFunction, Context, Coverage, Generator, Passage, Patch, Prompt, Question, ReadState

# A commit message's point stands in its first paragraphs; the rest is read by the person.
DESCRIPTION_TOKENS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """Tokens: `prompt` for one whole prompt, its answer included; `review` read anew over one patch."""

    prompt_tokens: int
    review_tokens: int


@dataclass(frozen=True, slots=True)
class FunctionPlan:
    """What is asked over one function; `segments` are shared by all its questions."""

    context: Context
    raised: tuple[Raised, ...]
    segments: tuple[str, ...]

    def prompt(self, question: Question) -> Prompt:
        return Prompt(self.segments, question)


@dataclass(slots=True)
class Planner:
    """Plans the functions of one patch in order, and keeps account of the review's tokens."""

    generator: Generator
    prompts: Prompts
    limits: Limits
    barred: Callable[[Rule], str]
    spent_tokens: int = 0

    def _head(self, patch: Patch) -> tuple[str, str]:
        """The segments that all questions about a patch share: the system text and the message."""
        message = as_data(patch.description)
        while self.generator.count(message) > DESCRIPTION_TOKENS:
            message = message[: len(message) * 3 // 4].rsplit(" ", 1)[0] + " [...]"
            if len(message) < 80:
                message = ""
        subject = as_data(patch.subject)
        return self.prompts.render("stages/reviewer"), self.prompts.render(
            "stages/patch", subject=subject, description=message
        )

    def plan(
        self,
        patch: Patch,
        function: ChangedFunction,
        matches: Sequence[Match],
        look_up: Callable[[ChangedFunction], Sequence[Candidate]],
    ) -> tuple[FunctionPlan | None, tuple[Coverage, ...]]:
        """None when nothing is asked; the coverage says why. What is looked up for it is not needed then."""
        raised, coverage = raise_questions(function, matches, self.prompts, self.barred)
        if not raised:
            return None, coverage
        head = self._head(patch)
        questions = [question for one in raised for question in one.all]
        costs = [self._beyond_context(head, question) for question in questions]
        room_tokens = self.limits.prompt_tokens - max(costs)
        context = pack(function, _asked(look_up(function), raised), self._render, self.generator.count, room_tokens)
        if context is None:
            return None, self._skipped(function, matches, "its changed lines do not fit the prompt budget")
        raised, coverage = on_the_table(raised, coverage, context)
        if not raised:
            return None, (*coverage, *self._skipped(function, (), "what its questions need is not on the table"))
        total = context.tokens + sum(costs)
        if self.spent_tokens + total > self.limits.review_tokens:
            why = f"the review's budget of {self.limits.review_tokens} tokens was used up"
            return None, self._skipped(function, matches, why)
        self.spent_tokens += total
        segments = (*head, self._render(function, context.code, context.passages))
        read = function_by_model(function, ReadState.READ if context.code_whole else ReadState.PARTLY)
        return FunctionPlan(context, raised, segments), (*coverage, read)

    def _beyond_context(self, head: tuple[str, str], question: Question) -> int:
        """Tokens of a prompt less those of its function segment. The head is read once but counted each time."""
        bare = Prompt((*head, ""), question)
        text = sum(self.generator.count(segment) for segment in head) + self.generator.count(question.text)
        return text + self.generator.overhead(bare) + question.max_tokens

    def _skipped(self, function: ChangedFunction, matches: Sequence[Match], why: str) -> tuple[Coverage, ...]:
        return (*unasked(function, matches, why), function_by_model(function, ReadState.NOT_READ, why))

    def _render(self, function: ChangedFunction, code: str, passages: Sequence[Passage]) -> str:
        shown = [
            {"title": in_line(passage.title), "source": in_line(passage.source), "text": as_data(passage.text)}
            for passage in passages
        ]
        return self.prompts.render(
            "stages/function",
            name=in_line(function.name),
            path=in_line(function.path),
            code=as_data(code),
            passages=shown,
        )


def _asked(candidates: Sequence[Candidate], raised: Sequence[Raised]) -> tuple[Candidate, ...]:
    """What a question is about, a function or a type, goes before all that may only help."""
    subjects = {title for one in raised for title in (f"{one.match.call}()", f"struct {one.match.call}")}
    return tuple(replace(one, urgency=ASKED) if one.title in subjects else one for one in candidates)
