"""What a run of a batch has to tell: frozen data between the queue, which knows it, and the page, which shows it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lrev.types import Finding, Review, Tokens


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the time of one job went: `code`, `context`, `model`."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A finished job. `worth` is what put it where it stood in the queue; paths are relative to the page."""

    job: int
    worth: float
    review: Review
    reply_path: str
    json_path: str
    seconds: float
    stages: tuple[Stage, ...]
    subsystem: str  # the section of MAINTAINERS that most of its files belong to, or its first directory
    fresh: bool  # finished in this run, not in one before it


@dataclass(frozen=True, slots=True)
class Unread:
    """A job without a review. `reason` says why it failed; "" for one that the run did not come to."""

    job: int
    subject: str
    author: str
    message_id: str
    worth: float
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One `lrev batch run`. Times are seconds since 1970 UTC; `deadline` None for a run without one.

    `ended` is 0 while it goes on, and for one that was killed.
    """

    number: int
    started: int
    ended: int
    deadline: int | None
    model: str  # "" for code alone
    tree: str
    ending: str  # why it ended, as a clause: the queue was empty, it was stopped


@dataclass(frozen=True, slots=True)
class Digest:
    """All of a queue as `run` left it; `tokens` are those of its own reviews.

    `told_before` are the marks (mark_of) of findings that the pages of earlier runs had.
    """

    run: Run
    reviewed: tuple[Reviewed, ...]
    failed: tuple[Unread, ...]
    unreached: tuple[Unread, ...]
    tokens: Tokens
    told_before: frozenset[str]


def marks_of(digest: Digest) -> frozenset[str]:
    """Of all findings, for the page of the next run to know them."""
    reviews = (one.review for one in digest.reviewed)
    return frozenset(mark_of(finding, review.patch.subject) for review in reviews for finding in review.findings)


def mark_of(finding: Finding, subject: str) -> str:
    """The same finding over the same patch has the same mark in another run and in another version of the patch.

    Line numbers are no part of it: they move.
    """
    parts = (subject, finding.path, finding.function, finding.mechanism, finding.quote.strip(), finding.origin)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
