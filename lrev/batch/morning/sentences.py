"""What the morning page and its letter say in whole sentences, so that both say the same.

Nothing here says of a patch that nothing was found in it without saying of how much of it that holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from lrev.batch.digest import Run
from lrev.batch.morning.contents import Morning
from lrev.batch.morning.extent import Count, begun, extent_of
from lrev.batch.morning.wording import counted, duration, one_line, when
from lrev.types import Certainty, Review

DRAFTS = (
    "All of this is draft for a person to check: lrev sent nothing, and gave no review tag to any patch. Text from "
    "mail and patches stands here as it came, its control characters made visible."
)


def ran(run: Run) -> str:
    if not run.ended:
        return f"It began {when(run.started)}, and is not known to have ended."
    spent = duration(run.ended - run.started)
    return f"{when(run.started)} to {when(run.ended)} ({spent}); it ended because {one_line(run.ending, 200)}."


def nothing(what: str, morning: Morning, counts: Sequence[Count]) -> str:
    """For a section without findings. `what`: proven, suspected; `counts` are those of all reviewed patches."""
    if not morning.reviewed:
        return "No patch has been reviewed, so nothing is said about any."
    if not begun(counts):
        return "Nothing of the reviewed patches could be read, so nothing is said about them."
    return f"Nothing is {what} in what was read{_except(counts)}."


def changed(morning: Morning) -> str:
    findings = morning.findings
    reviewed = f"{counted(len(morning.fresh), 'patch was', 'patches were')} reviewed in this run"
    before = f", {len(morning.older):,} before it" if morning.older else ""
    if not findings:
        return f"{reviewed}{before}. There is no finding, new or old."
    told = len(findings) - morning.new
    known = f"; earlier pages told of the other {told:,}" if told else ""
    return f"{reviewed}{before}. {morning.new:,} of {counted(len(findings), 'finding is', 'findings are')} new{known}."


def said_of(review: Review) -> str:
    """The findings of one patch in numbers, or of how much of it there are none."""
    certainties = [finding.certainty for finding in review.findings]
    parts = [
        f"{certainties.count(one):,} {one.value}"
        for one in (Certainty.PROVEN, Certainty.SUSPECTED)
        if one in certainties
    ]
    if parts:
        return ", ".join(parts)
    counts = extent_of(review).counts
    return f"no finding in what was read{_except(counts)}" if begun(counts) else "nothing of it could be read"


def _except(counts: Sequence[Count]) -> str:
    """What was not read to the end, of each noun."""
    short = [f"{one.partly + one.unread:,} of {one.all:,} {one.noun}" for one in counts if one.partly or one.unread]
    return f"; not read to the end: {', '.join(short)}" if short else ""
