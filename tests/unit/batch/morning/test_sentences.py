from __future__ import annotations

import pytest

from lrev.batch.morning.contents import morning_of
from lrev.batch.morning.extent import extent_of
from lrev.batch.morning.sentences import DRAFTS, changed, nothing, said_of
from lrev.types import Review
from tests.unit.batch.morning.digests import NOTED, PROVEN, READ, SUSPECTED, UNREAD, digest, review, reviewed
from tests.unit.batch.morning.test_extent import PARTLY


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (review(), "no finding in what was read"),
        (review(NOTED), "no finding in what was read"),
        (review(PROVEN, SUSPECTED, SUSPECTED), "1 proven, 2 suspected"),
        (review(coverage=(UNREAD,)), "nothing of it could be read"),
        (review(coverage=()), "nothing of it could be read"),
        (
            review(coverage=(READ, UNREAD, PARTLY)),
            "no finding in what was read; not read to the end: 1 of 2 hunks, 1 of 1 functions by code",
        ),
    ],
)
def test_of_a_patch_is_said_what_was_found_in_how_much(of: Review, said: str) -> None:
    assert said_of(of) == said


def test_a_function_whose_paths_were_not_followed_keeps_nothing_from_being_said() -> None:
    of = review(coverage=(READ, PARTLY))
    told = nothing("proven", morning_of(digest(reviewed(1, of))), extent_of(of).counts)
    assert told == "Nothing is proven in what was read; not read to the end: 1 of 1 functions by code."


def test_changes_count_patches_and_findings() -> None:
    assert changed(morning_of(digest())) == "0 patches were reviewed in this run. There is no finding, new or old."
    one = morning_of(digest(reviewed(1, review(PROVEN)), reviewed(2, review(), fresh=False)))
    assert changed(one) == "1 patch was reviewed in this run, 1 before it. 1 of 1 finding is new."


def test_the_end_gives_no_tag() -> None:
    assert "-by" not in DRAFTS
