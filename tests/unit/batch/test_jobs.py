"""What makes two patches the same job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.batch.jobs import identity, series_of, series_text
from lrev.types import Address, Patch, Series
from tests.unit.changes import file_diff, message, patch

ONE = patch(file_diff("a\n", "b\n"), mail=message())
TWO = replace(patch(file_diff("c\n", "d\n", path="mm/lamp.c"), mail=message(message_id="2@example.org")), part=2)
SERIES = Series((ONE, TWO))


def with_second(changed: Patch) -> Series:
    return Series((ONE, changed))


def test_the_same_patch_sent_again_is_the_same_job() -> None:
    again = replace(ONE, message=message(message_id="other@example.org", body="v2: rebased"), version=2)
    assert identity(Series((again, TWO)), 0) == identity(SERIES, 0)


@pytest.mark.parametrize(
    "changed",
    [
        replace(ONE, description="Another changelog."),
        replace(ONE, subject="lamp: light it up"),
        replace(ONE, author=Address("Max", "max@example.org")),
        replace(ONE, files=(file_diff("a\n", "e\n"),)),
        replace(ONE, base_commit="0" * 40),
    ],
)
def test_another_message_or_diff_is_another_job(changed: Patch) -> None:
    assert identity(Series((changed, TWO)), 0) != identity(SERIES, 0)


def test_of_the_parts_beside_it_what_they_do_counts_and_not_how_they_are_explained() -> None:
    assert identity(with_second(replace(TWO, description="In other words.")), 0) == identity(SERIES, 0)
    assert identity(with_second(replace(TWO, files=ONE.files)), 0) != identity(SERIES, 0)
    backport = replace(TWO, description="[ Upstream commit 0123456789abcdef0123456789abcdef01234567 ]")
    assert identity(with_second(backport), 0) != identity(SERIES, 0)
    assert identity(SERIES, 0) != identity(SERIES, 1)


def test_a_series_comes_back_as_it_was_also_with_bytes_that_are_no_text() -> None:
    odd = Series((replace(ONE, files=(file_diff("a\n", "\udcff\n"),)), TWO), message(), ("a note",))
    assert series_of(series_text(odd)) == odd
    assert series_text(odd).isascii()
