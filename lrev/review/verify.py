"""Suspicions and answers -> findings, and the verdict on each: what cannot be shown in the patch is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lrev.review.questions import Raised, fill, line_text
from lrev.types import (
    Certainty,
    ChangedFunction,
    DiffLineKind,
    FileDiff,
    Finding,
    Patch,
    Suspicion,
    TraceStep,
    Verdict,
)

_NAMED = re.compile(r"\b([A-Za-z_]\w*)\(\)|`([A-Za-z_]\w*)`")


def finding_of(suspicion: Suspicion, diff: FileDiff) -> Finding:
    """A check's suspicion as a comment, put below a line that the patch shows."""
    shown = _new_lines(diff)
    line = suspicion.line if suspicion.line in shown else _nearest_shown(suspicion, shown)
    return Finding(
        path=suspicion.path,
        function=suspicion.function,
        line=line,
        quote=shown.get(line, ""),
        mechanism=suspicion.mechanism,
        comment=suspicion.message,
        certainty=Certainty.PROVEN,
        origin=f"check:{suspicion.check}",
        trace=suspicion.trace,
        rests_on=suspicion.rests_on,
    )


def finding_of_message(suspicion: Suspicion, patch: Patch) -> Finding:
    """The same for what is said of a line of the commit message."""
    return Finding(
        path="",
        function="",
        line=suspicion.line,
        quote=patch.description.split("\n")[suspicion.line - 1],
        mechanism=suspicion.mechanism,
        comment=suspicion.message,
        certainty=Certainty.PROVEN,
        origin=f"check:{suspicion.check}",
    )


def _nearest_shown(suspicion: Suspicion, shown: dict[int, str]) -> int:
    """The last step of the path that the diff shows, an added line before a context line; else 0."""
    steps = [step.line for step in suspicion.trace if step.line in shown]
    return steps[-1] if steps else 0


def finding_of_answer(raised: Raised, function: ChangedFunction, lean: float, quote: str) -> Finding:
    """A model's answer as a comment below the line that raised the question."""
    match = raised.match
    step = _quoted_step(function, quote)
    return Finding(
        path=function.path,
        function=function.name,
        line=match.line,
        quote=line_text(function, match.line),
        mechanism=match.rule.id,
        comment=fill(match.rule.comment, match),
        certainty=Certainty.SUSPECTED,
        origin=f"rule:{match.rule.id}",
        trace=(step,) if step else (),
        lean=round(lean, 3),
    )


def _quoted_step(function: ChangedFunction, quote: str) -> TraceStep | None:
    """The line of the function that `quote` repeats, white space, a `+` and back ticks aside."""
    assert function.after is not None
    wanted = "".join(quote.strip().strip("`").lstrip("+").split())
    if not wanted:
        return None
    lines = enumerate(function.after.text.split("\n"), function.after.span.start)
    for number, text in lines:
        if "".join(text.split()) == wanted:
            return TraceStep(number, text.strip(), "the line the model points to")
    return None


@dataclass(frozen=True, slots=True)
class Verifier:
    """Holds findings against one patch; `exists` is an exhaustive look-up of a symbol in the indexed tree."""

    files: dict[str, FileDiff]
    exists: Callable[[str], bool]

    def verdict(self, finding: Finding, function: ChangedFunction, pre_existing: bool = False) -> Verdict:
        """Keeps what stands in the patch and names only what exists."""
        if pre_existing:
            return Verdict(finding, False, "as bad before the patch")
        if _new_lines(self.files[finding.path]).get(finding.line) != finding.quote or not finding.quote.strip():
            return Verdict(finding, False, "no line of the patch shows it")
        unknown = sorted(name for name in _names(finding.comment) if not self._known(name, function))
        if unknown:
            return Verdict(finding, False, f"names what does not exist: {', '.join(unknown)}")
        if finding.certainty is Certainty.SUSPECTED and not finding.trace:
            return Verdict(finding, False, "the model could not point to a line of the function")
        return Verdict(
            finding,
            True,
            "proven on a path"
            if finding.trace and _proven(finding)
            else "leaned to in both orders, and a real line quoted",
        )

    def _known(self, name: str, function: ChangedFunction) -> bool:
        assert function.after is not None
        return bool(re.search(rf"\b{re.escape(name)}\b", function.after.text)) or self.exists(name)


def _proven(finding: Finding) -> bool:
    return finding.certainty is Certainty.PROVEN


def _names(comment: str) -> set[str]:
    return {first or second for first, second in _NAMED.findall(comment)}


def _new_lines(diff: FileDiff) -> dict[int, str]:
    """Line number in the post-image -> text, for every line that the diff shows of it."""
    lines = (line for hunk in diff.hunks for line in hunk.lines)
    return {line.new: line.text for line in lines if line.new is not None and line.kind is not DiffLineKind.REMOVED}
