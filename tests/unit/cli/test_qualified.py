from __future__ import annotations

from dataclasses import replace

from lrev.cli.qualified import table
from lrev.evaluate.qualify.qualify import Speed
from lrev.evaluate.qualify.speed import Written
from lrev.qualification import Spoken
from tests.unit.qualifications import qualification

SPEED = Speed(((600, 81.4), (2400, 77.6)), Written(11.26, 24.0))


def test_the_table_says_each_figure_with_its_interval() -> None:
    one = qualification()
    assert table(one, SPEED) == [
        "mine: tier small, narrow questions only",
        f"qualification {one.id}, sha256 abababababab, llama-cpp-python 0.0.0, chatml",
        "",
        "context         trained 32768, models.toml 8192, planned 2400, usable 2400",
        "prompt format   chatml, agrees with the file's own; a finished answer ends with p = 0.98",
        "",
        "facts found at depth (chance 0.20)      0%     50%    100%     all",
        "    2400 tokens                        8/8     7/8     6/8     21/24",
        "",
        "answers under a schema, whole and valid    5 of 6  0.83 (0.44 to 0.97)",
        "  short: names 2 of 3",
        "",
        "twins told apart, two statements           2 of 3  0.67 (0.21 to 0.94)",
        "  gap 0.50 (-0.50 to 1.00) nats, area under the curve 0.72",
        "  errors 1 of 2, flow 1 of 1",
        "twins answered openly, both right          1 of 3  0.33 (0.06 to 0.79)",
        "  line of the faulty one named 2, sound one cleared 2, of 3",
        "",
        "tokens per second here: read 81 in a context of 600, 78 in a context of 2400;",
        "  written 11.3 alone, 24.0 with 4 side by side",
    ]


def test_what_is_wrong_with_the_format_is_listed() -> None:
    wrong = replace(qualification(), spoken=Spoken("phi3", "the file has none", 0.2, ("'<|end|>' is no token",)))
    assert "                '<|end|>' is no token" in table(wrong, SPEED)
