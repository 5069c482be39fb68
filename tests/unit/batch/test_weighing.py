"""What a review is worth, and what makes it stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.batch.jobs import Weighed
from lrev.batch.weighing import Grounds, worth
from lrev.rules.rule import Severity
from tests.unit.changes import rule

RULES = (rule(), replace(rule(), id="minor", severity=Severity.LOW))
WEIGHED = Weighed(suspicions=1, asked=("example", "minor"), rules=("example", "minor"), paths=("mm/slab.c",))
GROUNDS = Grounds({"example": "1", "minor": "2", "other": "3"}, "tree", "rest")


def test_a_suspicion_is_worth_more_than_questions_and_nothing_is_worth_a_little() -> None:
    assert worth(WEIGHED, RULES, {}) == pytest.approx(11.5)
    assert 0 < worth(Weighed(), RULES, {}) < worth(Weighed(asked=("minor",)), RULES, {})


@pytest.mark.parametrize(
    ("weights", "factor"),
    [
        ({"mm": 3.0}, 3.0),
        ({"mm/": 3.0}, 3.0),
        ({"m": 3.0}, 1.0),
        ({"mm": 3.0, "mm/slab.c": 0.5}, 0.5),
        ({"net": 3.0}, 1.0),
    ],
)
def test_the_weight_of_a_subsystem_multiplies(weights: dict[str, float], factor: float) -> None:
    assert worth(WEIGHED, RULES, weights) == pytest.approx(11.5 * factor)


def test_of_several_paths_the_one_that_is_cared_for_most_counts() -> None:
    both = replace(WEIGHED, paths=("tools/perf.c", "mm/slab.c"))
    assert worth(both, RULES, {"tools": 0.1, "mm": 2.0}) == pytest.approx(23)


def test_a_key_holds_the_rules_that_matched_and_no_others() -> None:
    key = GROUNDS.key("identity", WEIGHED)
    other, matched = {**GROUNDS.rules, "other": "4"}, {**GROUNDS.rules, "minor": "4"}
    assert replace(GROUNDS, rules=other).key("identity", WEIGHED) == key
    assert replace(GROUNDS, rules=other).basis != GROUNDS.basis
    assert replace(GROUNDS, rules=matched).key("identity", WEIGHED) != key
    elsewhere, otherwise = replace(GROUNDS, tree="x"), replace(GROUNDS, rest="x")
    keys = {one.key("identity", WEIGHED) for one in (GROUNDS, elsewhere, otherwise)}
    assert len({*keys, GROUNDS.key("another", WEIGHED)}) == 4
