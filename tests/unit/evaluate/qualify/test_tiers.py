from __future__ import annotations

import pytest

from lrev.evaluate.intervals import share
from lrev.evaluate.qualify.tiers import tier_of
from lrev.manifest import Tier
from lrev.qualification import FormKept, Share, TwinAnswered

KEPT = [FormKept("line", Share(24, 24))]


def twins(in_order: int, openly: int, asked: int = 36) -> list[TwinAnswered]:
    return [TwinAnswered("t", "f", 0.0, 1.0 if at < in_order else -1.0, at < openly, True) for at in range(asked)]


@pytest.mark.parametrize(
    ("in_order", "openly", "tier"),
    [
        (18, 0, Tier.TEST),
        (23, 36, Tier.TEST),
        (24, 0, Tier.SMALL),
        (36, 23, Tier.SMALL),
        (36, 24, Tier.MEDIUM),
        (36, 32, Tier.MEDIUM),
        (36, 33, Tier.LARGE),
    ],
)
def test_a_tier_begins_where_the_interval_lies_above_its_bar(in_order: int, openly: int, tier: Tier) -> None:
    assert tier_of(twins(in_order, openly), KEPT) is tier


def test_open_questions_need_answers_that_can_be_read() -> None:
    assert tier_of(twins(36, 36), [FormKept("line", Share(20, 24))]) is Tier.SMALL


def test_the_interval_of_a_share() -> None:
    """The example of Newcombe (1998), method 3: 81 of 263."""
    found = share(81, 263)
    assert (found.mean, found.low, found.high) == pytest.approx((0.3080, 0.2553, 0.3662), abs=1e-4)
    assert share(0, 0).high == 1.0
    assert share(36, 36).high == pytest.approx(1.0)
    assert 0.9 < share(36, 36).low < 0.91
