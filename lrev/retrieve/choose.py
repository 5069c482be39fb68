"""Which passages are shown in a budget: those that put the most on the table that is not there yet, a token.

Greedy by gain over cost, which for a gain that only falls as more is shown comes within a constant of the best choice
(Lin and Bilmes, A class of submodular functions for document summarization, 2011).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from lrev.retrieve.candidate import Candidate

# What a passage costs besides its text: a line that says where it stands.
_HEAD_TOKENS = 20
# A guess that is only used to rank; what is shown is counted.
_CHARACTERS_PER_TOKEN = 3.0


@dataclass(frozen=True, slots=True)
class Chosen:
    candidate: Candidate
    tokens: int


def choose(
    candidates: Sequence[Candidate],
    score: Mapping[str, float],
    count: Callable[[Candidate], int],
    budget_tokens: int,
) -> tuple[tuple[Chosen, ...], tuple[Candidate, ...]]:
    """What is shown, in the order of choice, and what is left, both best first.

    `score` has what each name is worth that is not on the table. The costs of what is shown, as `count` gives them,
    add up to `budget_tokens` at most.
    """
    waiting = [(-one.urgency, -_ratio(one, score), at, one) for at, one in enumerate(distinct(candidates))]
    heapify(waiting)
    on_table = dict(score)
    chosen: list[Chosen] = []
    left: list[Candidate] = []
    groups: set[str] = set()
    room = budget_tokens
    while waiting:
        late, _, at, one = heappop(waiting)
        if one.group and one.group in groups:
            continue
        now = (late, -_ratio(one, on_table))
        if waiting and now > waiting[0][:2]:
            heappush(waiting, (*now, at, one))
            continue
        cost = count(one) if now[1] or one.urgency else 0
        if not cost or cost > room:
            left.append(one)
            continue
        room -= cost
        chosen.append(Chosen(one, cost))
        groups |= {one.group} if one.group else set()
        for name in one.identifiers:
            on_table.pop(name, None)
    return tuple(chosen), tuple(left)


def _ratio(one: Candidate, score: Mapping[str, float]) -> float:
    gain = math.fsum(score.get(name, 0.0) for name in one.identifiers)  # exact in whatever order a set has
    return gain / (_HEAD_TOKENS + len(one.text) / _CHARACTERS_PER_TOKEN)


def distinct(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Without text that is nothing, or was met before in other white space."""
    seen: set[str] = set()
    for one in candidates:
        fingerprint = "".join(one.text.split())
        if fingerprint and fingerprint not in seen:
            seen.add(fingerprint)
            yield one
