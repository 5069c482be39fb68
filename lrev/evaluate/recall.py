"""Measured packs -> recall by method and budget, what each origin is worth, and the bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrev.evaluate.baselines import Baseline
from lrev.evaluate.intervals import Interval, difference, interval
from lrev.evaluate.retrieval import BUDGETS_TOKENS, MAIN_BUDGET_TOKENS, OURS, Measured
from lrev.evaluate.summary import Bar
from lrev.retrieve.candidate import Origin

# What lrev must reach of the best baseline.
_TIMES_BEST = 1.3


@dataclass(frozen=True, slots=True)
class Recall:
    """`mean` is over patches; `pooled` is the share of all names of all patches."""

    method: str
    budget_tokens: int
    mean: Interval
    pooled: float


@dataclass(frozen=True, slots=True)
class Worth:
    """What is lost at the main budget without an origin, a patch; `brought` names stand in passages of the origin."""

    origin: Origin
    lost: Interval
    brought: int
    brought_alone: int


def recalls(measured: Sequence[Measured]) -> Iterator[Recall]:
    for method in (OURS, *Baseline):
        yield from (_recall(measured, method, tokens) for tokens in BUDGETS_TOKENS)


def _recall(measured: Sequence[Measured], method: str, tokens: int) -> Recall:
    found = sum(len(one.found(method, tokens)) for one in measured)
    shares = [one.share(method, tokens) for one in measured]
    return Recall(method, tokens, interval(shares), found / sum(len(one.names) for one in measured))


def worths(measured: Sequence[Measured]) -> Iterator[Worth]:
    ours = [one.share(OURS, MAIN_BUDGET_TOKENS) for one in measured]
    brought: Counter[Origin] = Counter()
    alone: Counter[Origin] = Counter()
    for one in measured:
        times = Counter(name for names in one.by_origin.values() for name in names)
        for origin, names in one.by_origin.items():
            brought[origin] += len(names)
            alone[origin] += sum(times[name] == 1 for name in names)
    for origin in Origin:
        theirs = [one.share(origin, MAIN_BUDGET_TOKENS) for one in measured]
        yield Worth(origin, difference(ours, theirs), brought[origin], alone[origin])


def best_baseline(measured: Sequence[Measured]) -> Recall:
    main = (_recall(measured, baseline, MAIN_BUDGET_TOKENS) for baseline in Baseline)
    return max(main, key=lambda one: one.mean.mean)


def against_best(measured: Sequence[Measured]) -> Interval:
    """By how much lrev's share is greater than the best baseline's at the main budget, patch by patch."""
    best = best_baseline(measured)
    return difference(
        [one.share(OURS, MAIN_BUDGET_TOKENS) for one in measured],
        [one.share(best.method, MAIN_BUDGET_TOKENS) for one in measured],
    )


def precedent_recall(measured: Sequence[Measured]) -> tuple[int, int]:
    """Open comments on the versions before, and those of them that stand in the pack of the main budget."""
    shown = sum(one.precedent.shown for one in measured)
    return sum(one.precedent.open_comments for one in measured), shown


def foreign(measured: Sequence[Measured]) -> tuple[str, ...]:
    """Comments on other patches that a pack shows as said of its own."""
    return tuple(source for one in measured for source in one.precedent.foreign)


def bars(measured: Sequence[Measured]) -> tuple[Bar, ...]:
    best = best_baseline(measured)
    ours = _recall(measured, OURS, MAIN_BUDGET_TOKENS)
    ratio = ours.mean.mean / best.mean.mean if best.mean.mean else 0.0
    return (
        Bar(f"recall at {MAIN_BUDGET_TOKENS} tokens / best baseline", ratio, _TIMES_BEST, least=True),
        Bar("comments of other patches shown as said of this one", len(foreign(measured)), 0.0, least=False),
        Bar("least difference, 95%", against_best(measured).low, 0.0, least=True, beyond=True),
    )
