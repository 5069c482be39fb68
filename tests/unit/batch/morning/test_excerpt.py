from __future__ import annotations

from dataclasses import replace

from lrev.batch.morning.excerpt import LINES_ABOVE, LINES_BELOW, ExcerptLine, excerpt
from tests.unit.batch.morning.digests import NEW, NOTED, OLD, PROVEN
from tests.unit.changes import file_diff, patch

LONG = OLD + "".join(f"\n\tstep({at});" for at in range(20)) + "\n}"


def test_a_few_lines_stand_around_the_quoted_one() -> None:
    lines = excerpt(patch(file_diff(OLD, LONG)), replace(PROVEN, line=20))
    assert [line.number for line in lines] == list(range(20 - LINES_ABOVE, 20 + LINES_BELOW + 1))
    assert [line.number for line in lines if line.quoted] == [20]


def test_a_removed_line_is_shown_without_a_number() -> None:
    lines = excerpt(patch(file_diff(OLD + "\n\tcheck();\n}", NEW)), PROVEN)
    assert ExcerptLine(None, "-", "\tcheck();", False) in lines
    assert ExcerptLine(13, "+", "\tp->on = true;", True) in lines


def test_a_line_of_the_message_stands_among_its_neighbours() -> None:
    of = replace(patch(), description='Light it.\n\nFixes: 1234 ("lamp")\n')
    lines = excerpt(of, replace(NOTED, line=3))
    assert [line.text for line in lines] == ["Light it.", "", 'Fixes: 1234 ("lamp")', ""]
    assert [line.number for line in lines if line.quoted] == [3]


def test_where_no_hunk_shows_the_line_the_quote_stands_alone() -> None:
    of = patch(file_diff(OLD, NEW))
    assert excerpt(of, replace(PROVEN, line=900)) == (ExcerptLine(900, " ", "\tp->on = true;", True),)
    assert excerpt(of, replace(PROVEN, path="other.c", quote="")) == ()
