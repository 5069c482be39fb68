"""Which token is written next, by scores and by a grammar that allows some."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import numpy
import pytest

from lrev.model.grammar import Grammar
from lrev.model.writing import Sampler, chooser, likeliest
from lrev.types import LIKELIEST, Sampling


class Allowing:
    """A grammar that allows some tokens; `asked` tells how many it was asked about each time."""

    def __init__(self, *allowed: int) -> None:
        self.allowed = allowed
        self.asked: list[int] = []

    def allows(self, tokens: Sequence[int]) -> numpy.ndarray:
        self.asked.append(len(tokens))
        return numpy.isin(tokens, self.allowed)


def grammar(*allowed: int) -> Grammar:
    return cast("Grammar", Allowing(*allowed))


def logits(*values: float) -> numpy.ndarray:
    return numpy.array(values, dtype=numpy.float32)


def test_the_likeliest_is_taken_and_the_lower_of_two() -> None:
    assert likeliest(logits(1, 3, 2, 3), None) == 1
    assert likeliest(logits(1, 3, 2, 3), grammar(1, 3)) == 1
    assert likeliest(logits(1, 3, 2, 3), grammar(0, 2)) == 2
    assert likeliest(logits(2, 3, 2, 3), grammar(0, 2)) == 0
    assert likeliest(logits(1, 3), grammar()) is None


def test_a_grammar_is_asked_about_few_before_all() -> None:
    many = numpy.arange(1000, dtype=numpy.float32)
    for allowed, asked in ((999, [1]), (990, [1, 64]), (3, [1, 64, 1000])):
        found = Allowing(allowed)
        assert likeliest(many, cast("Grammar", found)) == allowed
        assert found.asked == asked


@pytest.mark.parametrize("allowed", [(0, 1, 2), (1, 2), (2,)])
def test_draws_follow_the_distribution_that_the_grammar_leaves(allowed: tuple[int, ...]) -> None:
    shares = numpy.array([0.6, 0.3, 0.1])
    sampler = Sampler(1.0, numpy.random.default_rng(0))
    scores = logits(*(math.log(share) for share in shares))
    drawn = [sampler.choose(scores, grammar(*allowed)) for _ in range(4000)]
    expected = shares[list(allowed)] / shares[list(allowed)].sum()
    found = [drawn.count(one) / len(drawn) for one in allowed]
    assert found == pytest.approx(expected, abs=0.03)


def test_a_lower_temperature_is_surer() -> None:
    scores = logits(1, 0)
    cold, warm = (Sampler(temperature, numpy.random.default_rng(0)) for temperature in (0.1, 10))
    assert [cold.choose(scores, None) for _ in range(50)] == [0] * 50
    assert 10 < [warm.choose(scores, None) for _ in range(50)].count(1) < 40
    assert Sampler(1, numpy.random.default_rng(0)).choose(scores, grammar()) is None


def test_seed_and_place_decide() -> None:
    scores = numpy.zeros(1000, dtype=numpy.float32)

    def drawn(seed: int, place: int) -> int | None:
        return chooser(Sampling(1.0, seed), place)(scores, None)

    assert drawn(1, 1) == drawn(1, 1)
    assert len({drawn(1, 1), drawn(1, 2), drawn(2, 1)}) == 3
    assert chooser(LIKELIEST, 5) is likeliest
