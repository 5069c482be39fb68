from __future__ import annotations

import pytest

from lrev.batch.morning.wording import counted, duration, no_tag, one_line, when


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61, "1 min 01 s"),
        (3599.7, "1 h 00 min"),
        (7384, "2 h 03 min"),
    ],
)
def test_a_duration_has_two_units(seconds: float, written: str) -> None:
    assert duration(seconds) == written


def test_a_time_names_its_zone() -> None:
    assert when(1709618400) == "2024-03-05 06:00 UTC"


def test_text_from_outside_becomes_one_line_that_fits() -> None:
    assert one_line("a\n b\x1b", 20) == "a b\\x1b"
    assert one_line("x" * 30, 20) == "x" * 14 + " [...]"


@pytest.mark.parametrize("line", ["Reviewed-by: Eve", "  acked-by : Eve", "x\nTested-by: Eve"])
def test_a_tag_is_marked(line: str) -> None:
    assert "| " in no_tag(line)
    assert no_tag("Suggested-by: Eve") == "Suggested-by: Eve"


def test_numbers_agree_with_their_nouns() -> None:
    assert [counted(count, "patch", "patches") for count in (0, 1, 1200)] == ["0 patches", "1 patch", "1,200 patches"]
