"""Scores -> rates a kind of case and a mechanism, and the bars they must reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lrev.evaluate.cases import CaseKind
from lrev.evaluate.checks import Judged, Score


@dataclass(frozen=True, slots=True)
class Mechanism:
    """Cases of a kind in which a mechanism found the bug, and suspicions of it that the fix leaves as they are."""

    kind: str
    mechanism: str
    hits: int
    stay: int


@dataclass(frozen=True, slots=True)
class Bar:
    """`least` for a figure that must reach the bar, and if `beyond` go past it; others must not exceed it."""

    name: str
    found: float
    bar: float
    least: bool
    beyond: bool = False

    @property
    def met(self) -> bool:
        if self.beyond and self.found == self.bar:
            return False
        return self.found >= self.bar if self.least else self.found <= self.bar


def mechanisms(scores: Sequence[Score]) -> Iterator[Mechanism]:
    """By kind; `reversed, as new` stands apart."""
    for kind, found in _kinds(scores):
        hits: Counter[str] = Counter()
        stay: Counter[str] = Counter()
        for judged in found:
            hits.update({one.suspicion.mechanism for one in judged if one.hit})
            stay.update(one.suspicion.mechanism for one in judged if not one.hit)
        for name in sorted(hits | stay):
            yield Mechanism(kind, name, hits[name], stay[name])


def bars(scores: Sequence[Score]) -> tuple[Bar, ...]:
    """Rates a case, or a patch; a reversed case counts as a hit only if it is one as new as well."""
    of_reversed = [one for one in scores if one.case.kind is CaseKind.REVERSED]
    of_culprits = [one for one in scores if one.case.kind is CaseKind.CULPRIT]
    read = {one.case.fix: len(one.forward) for one in scores if one.read}
    return (
        Bar("reversed, hit", _share(one.hits and one.hits_as_new for one in of_reversed), 0.10, least=True),
        Bar("culprit, hit", _share(one.hits for one in of_culprits), 0.06, least=True),
        Bar("suspicions that stay, cases", _share(one.stays for one in scores), 0.02, least=False),
        Bar("suspicions a fix", sum(read.values()) / max(len(read), 1), 0.15, least=False),
    )


def _kinds(scores: Sequence[Score]) -> Iterator[tuple[str, list[tuple[Judged, ...]]]]:
    for kind in CaseKind:
        yield kind.value, [one.found for one in scores if one.case.kind is kind]
    yield "reversed, as new", [one.found_as_new for one in scores if one.case.kind is CaseKind.REVERSED]


def _share(told: Iterable[bool]) -> float:
    values = list(told)
    return sum(values) / len(values) if values else 0.0
