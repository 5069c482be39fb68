"""How far a patch was read, in counts and reasons: what a review's coverage comes to on a page of hundreds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrev.types import BaseHow, Coverage, ReadState, Review

# Of a patch: reasons told, and subjects named for each; the JSON form of the review lists them all.
_MOST_REASONS = 6
_MOST_SUBJECTS = 3

_PARTS = frozenset({"hunk", "file", "patch"})
_NOUNS = ("hunks", "functions by code", "functions by the model", "rules", "runs of other checkers")


@dataclass(frozen=True, slots=True)
class Count:
    """How many of `noun` were read, partly read and not read."""

    noun: str
    read: int
    partly: int
    unread: int

    @property
    def all(self) -> int:
        return self.read + self.partly + self.unread


@dataclass(frozen=True, slots=True)
class Reason:
    """Why `count` of `noun` were not read to the end; `subjects` names the first of them."""

    noun: str
    state: ReadState
    why: str
    subjects: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Extent:
    """`more` is how many subjects stand under none of `reasons`."""

    counts: tuple[Count, ...]
    reasons: tuple[Reason, ...]
    more: int

    @property
    def short(self) -> int:
        """How much was read in part or not at all."""
        return sum(count.partly + count.unread for count in self.counts)

    @property
    def hunks(self) -> Count:
        return next((count for count in self.counts if count.noun == _NOUNS[0]), Count(_NOUNS[0], 0, 0, 0))


def begun(counts: Iterable[Count]) -> bool:
    """Whether anything was read, by anyone."""
    return any(count.read or count.partly for count in counts)


def extent_of(review: Review) -> Extent:
    grouped: dict[tuple[str, ReadState, str], list[str]] = {}
    for line in review.coverage:
        if line.state is not ReadState.READ:
            grouped.setdefault((_noun(line), line.state, line.why), []).append(line.subject)
    groups = sorted(grouped.items(), key=lambda group: (_NOUNS.index(group[0][0]), -len(group[1])))
    reasons = tuple(
        Reason(noun, state, why, tuple(subjects[:_MOST_SUBJECTS]), len(subjects))
        for (noun, state, why), subjects in groups[:_MOST_REASONS]
    )
    return Extent(tuple(_counts(review.coverage)), reasons, sum(len(group[1]) for group in groups[_MOST_REASONS:]))


def totals(extents: Iterable[Extent]) -> tuple[Count, ...]:
    every = [count for extent in extents for count in extent.counts]
    return tuple(_summed(noun, own) for noun in _NOUNS if (own := [count for count in every if count.noun == noun]))


def base_in_words(review: Review) -> str:
    """What the patch was laid on, and how sure that is; what does not apply stands among the reasons of its hunks."""
    base = review.base
    if base.how is BaseHow.NONE:
        return f"not found. {base.problem}".strip()
    commit = f"{base.commit[:12]}, " if base.commit else ""
    return f"{commit}by {base.how.value}, {base.files_matched} of {base.files_total} files match"


def _noun(line: Coverage) -> str:
    if line.kind in _PARTS:
        return _NOUNS[0]
    if line.kind == "function":
        return _NOUNS[2] if line.by == "model" else _NOUNS[1]
    return _NOUNS[3] if line.kind == "rule" else _NOUNS[4]


def _counts(lines: Sequence[Coverage]) -> Iterator[Count]:
    states = {noun: [line.state for line in lines if _noun(line) == noun] for noun in _NOUNS}
    for noun, own in states.items():
        if own:
            yield Count(noun, own.count(ReadState.READ), own.count(ReadState.PARTLY), own.count(ReadState.NOT_READ))


def _summed(noun: str, counts: Sequence[Count]) -> Count:
    return Count(
        noun, sum(one.read for one in counts), sum(one.partly for one in counts), sum(one.unread for one in counts)
    )
