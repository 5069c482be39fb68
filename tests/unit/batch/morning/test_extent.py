from __future__ import annotations

from dataclasses import replace

from lrev.batch.morning.extent import Count, base_in_words, begun, extent_of, totals
from lrev.types import Base, BaseHow, Coverage, ReadState
from tests.unit.batch.morning.digests import READ, UNREAD, review

PARTLY = Coverage("function", "lamp.c:lamp_probe()", ReadState.PARTLY, "code", "it has more paths than are followed")
RULE = Coverage("rule", "example at lamp.c:3", ReadState.NOT_READ, "model", "no model took part")


def test_what_was_read_is_counted_by_what_read_it() -> None:
    by_model = replace(PARTLY, by="model", state=ReadState.READ)
    program = Coverage("program", "lamp.c", ReadState.READ, "sparse")
    extent = extent_of(review(coverage=(READ, UNREAD, PARTLY, by_model, RULE, program)))
    assert extent.counts == (
        Count("hunks", 1, 0, 1),
        Count("functions by code", 0, 1, 0),
        Count("functions by the model", 1, 0, 0),
        Count("rules", 0, 0, 1),
        Count("runs of other checkers", 1, 0, 0),
    )
    assert (extent.short, begun(extent.counts), extent.more) == (3, True, 0)


def test_the_same_reason_is_told_once_with_its_first_subjects() -> None:
    lines = tuple(replace(UNREAD, subject=f"lamp.dts:@@ -{at} +{at} @@") for at in range(9))
    (reason,) = extent_of(review(coverage=lines)).reasons
    assert reason.count == 9
    assert reason.subjects == tuple(line.subject for line in lines[:3])


def test_reasons_beyond_a_few_are_counted() -> None:
    lines = tuple(replace(UNREAD, why=f"reason {at}") for at in range(10))
    extent = extent_of(review(coverage=lines))
    assert len(extent.reasons) + extent.more == 10
    assert not begun(extent.counts)


def test_totals_are_sums_over_patches() -> None:
    extents = [extent_of(review()), extent_of(review(coverage=(READ, UNREAD, RULE)))]
    assert totals(extents) == (Count("hunks", 2, 0, 1), Count("rules", 0, 0, 1))
    assert totals([]) == ()


def test_the_base_is_told_with_how_sure_it_is() -> None:
    of = replace(review(), base=Base(BaseHow.BASE_COMMIT, "linux", "0123456789abcdef", 2, 3, True))
    assert base_in_words(of) == "0123456789ab, by base-commit, 2 of 3 files match"
    lost = replace(of, base=Base(BaseHow.NONE, "linux", "", 0, 3, False, "no tree has these files"))
    assert base_in_words(lost) == "not found. no tree has these files"
