"""Digest -> what a reader is shown in the morning, sorted and counted: one order for the page and for the letter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lrev.batch.digest import Digest, Reviewed, Unread, mark_of
from lrev.types import Certainty, Finding, Provenance

# What somebody checks over a coffee; more are folded.
MOST_PROVEN = 10


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding with the job it is of; `new` when no earlier page told of it."""

    finding: Finding
    job: Reviewed
    new: bool


@dataclass(frozen=True, slots=True)
class Remarked:
    """A patch and what is said of it at one certainty."""

    job: Reviewed
    remarks: tuple[Remark, ...]

    @property
    def new(self) -> int:
        return sum(remark.new for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class Morning:
    """Jobs by worth. `proven` has what no page told before first, of that what is in code before what a message says.

    `fresh` were reviewed in this run, `older` before.
    """

    proven: tuple[Remark, ...]
    suspected: tuple[Remarked, ...]
    noted: tuple[Remarked, ...]
    reviewed: tuple[Reviewed, ...]
    fresh: tuple[Reviewed, ...]
    older: tuple[Reviewed, ...]
    failed: tuple[Unread, ...]
    unreached: tuple[Unread, ...]

    @property
    def findings(self) -> tuple[Remark, ...]:
        """All that is said to be a defect; what is only noted is none."""
        return (*self.proven, *(remark for one in self.suspected for remark in one.remarks))

    @property
    def new(self) -> int:
        return sum(remark.new for remark in self.findings)


def morning_of(digest: Digest) -> Morning:
    reviewed = tuple(sorted(digest.reviewed, key=lambda one: (-one.worth, one.job)))
    remarks = [remark for job in reviewed for remark in _remarks(job, digest.told_before)]
    proven = (remark for remark in remarks if remark.finding.certainty is Certainty.PROVEN)
    return Morning(
        proven=tuple(sorted(proven, key=lambda remark: (not remark.new, not remark.finding.path))),
        suspected=tuple(_by_patch(remarks, Certainty.SUSPECTED)),
        noted=tuple(_by_patch(remarks, Certainty.NOTED)),
        reviewed=reviewed,
        fresh=tuple(one for one in reviewed if one.fresh),
        older=tuple(one for one in reviewed if not one.fresh),
        failed=_by_worth(digest.failed),
        unreached=_by_worth(digest.unreached),
    )


def provenances(reviewed: Iterable[Reviewed]) -> tuple[tuple[Provenance, int], ...]:
    """What the reviews were made from, and how many of each: a queue may outlive a model or an index."""
    counts: dict[Provenance, int] = {}
    for one in reviewed:
        counts[one.review.provenance] = counts.get(one.review.provenance, 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: -item[1]))


def _remarks(job: Reviewed, told_before: frozenset[str]) -> Iterator[Remark]:
    for finding in job.review.findings:
        yield Remark(finding, job, mark_of(finding, job.review.patch.subject) not in told_before)


def _by_patch(remarks: Iterable[Remark], certainty: Certainty) -> Iterator[Remarked]:
    """In the order of the jobs; of a patch what leans most to the faulty side first, what has no lean last."""
    by_job: dict[int, list[Remark]] = {}
    for remark in remarks:
        if remark.finding.certainty is certainty:
            by_job.setdefault(remark.job.job, []).append(remark)
    for own in by_job.values():
        own.sort(key=lambda remark: -1.0 if remark.finding.lean is None else remark.finding.lean, reverse=True)
        yield Remarked(own[0].job, tuple(own))


def _by_worth(jobs: Iterable[Unread]) -> tuple[Unread, ...]:
    return tuple(sorted(jobs, key=lambda one: (-one.worth, one.job)))
