"""When `lrev review` exits with 1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.cli.review import _reaches
from lrev.settings import FailOn
from lrev.types import Certainty
from tests.unit.changes import file_diff, patch
from tests.unit.report.test_reply import FINDING, NEW, OLD, review


@pytest.mark.parametrize(
    ("certainty", "bars"),
    [
        (Certainty.PROVEN, {FailOn.PROVEN, FailOn.SUSPECTED}),
        (Certainty.SUSPECTED, {FailOn.SUSPECTED}),
        (Certainty.NOTED, set()),
    ],
)
def test_what_is_only_noted_never_fails(certainty: Certainty, bars: set[FailOn]) -> None:
    found = review(patch(file_diff(OLD, NEW)), replace(FINDING, certainty=certainty))
    assert {bar for bar in FailOn if _reaches([found], bar)} == bars
