"""How likely a reviewer of a change is to need each name that was found: by where it was found, and by what it says.

A log-linear score over a few features of a name, its weights fitted on real reviews (bench/needed.py; docs/decisions/
0004 has the data, the figures and what did not help). Only the order of scores has a meaning.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.subject import identifiers

# By how much a name gains that the first passage of an origin holds; of the k-th it is 1 / (1 + k / _FALL) of that. Of
# what people said only their own words count so; what they quote counts as QUOTED_WEIGHT.
WEIGHTS: dict[Origin, float] = {
    Origin.FUNCTION: 0.45,
    Origin.NEARBY: 1.0,
    Origin.CALLEES: -0.15,
    Origin.FAMILY: -0.1,
    Origin.CALLERS: 0.3,
    Origin.TYPES: 0.2,
    Origin.SIMILAR: 0.7,
    Origin.DOCUMENTS: -0.25,
    Origin.COMMENTS: 0.65,
    Origin.PATCHES: 0.6,
    Origin.VERSIONS: 2.05,
}
QUOTED_WEIGHT = 0.65
# What holds an underscore belongs to the kernel; any other word is as often a local name.
UNDERSCORE_WEIGHT = 3.0
CAPITALS_WEIGHT = -0.1
# A name of many words is said by fewer people.
WORDS_WEIGHT = -0.55
# Somewhere it stands before a bracket.
CALLED_WEIGHT = 0.8
# Times the logarithm of how many passages hold it.
OFTEN_WEIGHT = 0.5
# The share of its parts (`devm`, `clk` and `get` of devm_clk_get) that stand in the change, the share that stand in its
# new lines, and whether a new line calls something that begins with the first of them.
PARTS_WEIGHT = 0.9
NEW_PARTS_WEIGHT = 0.9
AKIN_WEIGHT = 0.25
FEATURES = ("quoted", "underscore", "capitals", "words", "called", "often", "parts", "new parts", "akin")
_FEATURE_WEIGHTS = (
    QUOTED_WEIGHT,
    UNDERSCORE_WEIGHT,
    CAPITALS_WEIGHT,
    WORDS_WEIGHT,
    CALLED_WEIGHT,
    OFTEN_WEIGHT,
    PARTS_WEIGHT,
    NEW_PARTS_WEIGHT,
    AKIN_WEIGHT,
)
_FALL = 16
# Sharper than the fit says: one name that is needed is worth more than many that may be.
_SHARPNESS = 1.3
_LEAST_LETTERS = 4
_MOST_WORDS = 6
_CALLED = re.compile(r"([A-Za-z_]\w{2,})\s*\(")


@dataclass(frozen=True)
class Change:
    """What is on the table already: all that is shown of a change anyway, and its new lines among that."""

    shown: str
    new_lines: str

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(identifiers(self.shown))

    @cached_property
    def parts(self) -> frozenset[str]:
        return frozenset(part for name in self.names for part in _parts(name))

    @cached_property
    def new_parts(self) -> frozenset[str]:
        return frozenset(part for name in identifiers(self.new_lines) for part in _parts(name))

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """First parts of what new lines call."""
        return frozenset(_parts(name)[0] for name in _CALLED.findall(self.new_lines) if _parts(name))


@dataclass(slots=True)
class Sighting:
    """Where a name was found: how near by origin, from 0 to 1, how near as a quotation, and in how many passages."""

    near: dict[Origin, float] = field(default_factory=dict)
    quoted: float = 0.0
    passages: int = 0
    called: bool = False


def scores(candidates: Iterable[Candidate], change: Change) -> dict[str, float]:
    """Of every identifier of the candidates, in the order of each origin, that is not on the table already."""
    return {
        name: math.exp(_SHARPNESS * _score(name, one, change)) for name, one in sightings(candidates, change).items()
    }


def sightings(candidates: Iterable[Candidate], change: Change) -> dict[str, Sighting]:
    """By name."""
    ranks: Counter[Origin] = Counter()
    found: dict[str, Sighting] = {}
    for one in candidates:
        near = 1 / (1 + ranks[one.origin] / _FALL)
        ranks[one.origin] += 1
        called = frozenset(_CALLED.findall(one.text))
        for name in one.identifiers:
            if name in change.names or len(name) < _LEAST_LETTERS:
                continue
            sighting = found.setdefault(name, Sighting())
            sighting.passages += 1
            sighting.called = sighting.called or name in called
            if name in one.own_identifiers:
                sighting.near.setdefault(one.origin, near)
            else:
                sighting.quoted = max(sighting.quoted, near)
    return found


def features(name: str, sighting: Sighting, change: Change) -> tuple[float, ...]:
    """In the order of FEATURES."""
    parts = _parts(name)
    return (
        sighting.quoted,
        float("_" in name.strip("_")),
        float(name.isupper()),
        min(len(parts), _MOST_WORDS) / _MOST_WORDS,
        float(sighting.called),
        math.log(sighting.passages),
        _share(parts, change.parts),
        _share(parts, change.new_parts),
        float(bool(parts) and parts[0] in change.prefixes),
    )


def _score(name: str, sighting: Sighting, change: Change) -> float:
    found = sum(WEIGHTS[origin] * near for origin, near in sighting.near.items())
    said = zip(_FEATURE_WEIGHTS, features(name, sighting, change), strict=True)
    return found + sum(weight * value for weight, value in said)


def _share(parts: list[str], among: frozenset[str]) -> float:
    return sum(part in among for part in parts) / max(len(parts), 1)


def _parts(name: str) -> list[str]:
    return [part for part in name.lower().split("_") if part]
