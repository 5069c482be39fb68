from __future__ import annotations

import pytest

from lrev.source.c_code import parse
from lrev.source.c_query import Pattern, found

CALLS = '(call_expression function: (identifier) @f (#any-of? @f "lamp_on" "lamp_off"))'
EITHER = f'{CALLS} ((identifier) @g (#eq? @g "torch") (#match? @g "t"))'


def test_matches_come_in_order_with_text_and_line() -> None:
    data = b"void f(void)\n{\n\tlamp_off();\n\tlamp_on();\n}\n"
    caught = [one["f"] for one in found(Pattern(CALLS).query, parse(data))]
    assert [(one.text, one.line) for one in caught] == [("lamp_off", 3), ("lamp_on", 4)]


@pytest.mark.parametrize(
    ("pattern", "text", "may"),
    [
        (CALLS, "lamp_off();", True),
        (CALLS, "torch();", False),
        (EITHER, "torch();", True),
        (EITHER, "moon();", False),
        ("(return_statement) @r", "moon();", True),
        (f"{CALLS} (return_statement) @r", "moon();", True),
        ('((identifier) @f (#match? @f "lamp"))', "moon();", True),
        ("((identifier) @f @g (#eq? @f @g))", "moon();", True),
    ],
)
def test_a_text_without_the_words_cannot_match(pattern: str, text: str, may: bool) -> None:
    assert Pattern(pattern).may_match(text) is may


def test_what_is_no_query_says_where() -> None:
    with pytest.raises(ValueError, match="row 0"):
        _ = Pattern("(no_such_node)").query
