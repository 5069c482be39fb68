"""How sure a mean is: percentile intervals of the bootstrap (Efron, 1979), paired between two sides; and of a share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

_DRAWS = 4000
_LEVEL = 0.95
_Z = 1.959964  # of the normal distribution at that level
# The same draws in each run and for both sides of a comparison.
_SEED = 20240304


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95% interval."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Over at least one value."""
    measured = numpy.asarray(values, dtype=numpy.float64)
    means = measured[_drawn(len(measured))].mean(axis=1)
    low, high = numpy.quantile(means, ((1 - _LEVEL) / 2, (1 + _LEVEL) / 2))
    return Interval(float(measured.mean()), float(low), float(high))


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Of the means of two sides that were measured on the same patches, in the same order."""
    return interval([one - other for one, other in zip(ours, theirs, strict=True)])


def _drawn(count: int) -> numpy.ndarray:
    """int64, shape (draws, count)"""
    return numpy.random.default_rng(_SEED).integers(0, count, (_DRAWS, count))


def share(right: int, asked: int) -> Interval:
    """Of so many that were right, with the 95% interval of Wilson (1927), which holds for few and for all."""
    if asked == 0:
        return Interval(0.0, 0.0, 1.0)
    mean, square = right / asked, _Z * _Z
    centre = (mean + square / (2 * asked)) / (1 + square / asked)
    half = _Z * math.sqrt(mean * (1 - mean) / asked + square / (4 * asked * asked)) / (1 + square / asked)
    return Interval(mean, max(0.0, centre - half), min(1.0, centre + half))
