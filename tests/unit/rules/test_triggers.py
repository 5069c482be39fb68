from __future__ import annotations

from lrev.rules.triggers import matches
from lrev.types import Call
from tests.unit.changes import changed_function, rule

CODE = """
static int lamp_probe(void)
{
	lamp = kzalloc(sizeof(*lamp), GFP_KERNEL);
	lamp->wire = (struct wire *)kzalloc(8, GFP_KERNEL);
	my_kzalloc(1);
}
"""


def calls(*lines: tuple[str, int]) -> list[Call]:
    return [Call("lamp_probe", name, "", line) for name, line in lines]


def test_an_added_call_triggers_once_with_the_variable_it_fills() -> None:
    found = matches([rule()], changed_function(CODE), calls(("kzalloc", 12), ("kzalloc", 13), ("my_kzalloc", 14)))
    assert [(match.call, match.line, match.variable) for match in found] == [("kzalloc", 12, "lamp")]


def test_a_cast_and_a_member_are_seen_through() -> None:
    found = matches([rule()], changed_function(CODE, (13,)), calls(("kzalloc", 12), ("kzalloc", 13)))
    assert [(match.line, match.variable) for match in found] == [(13, "lamp->wire")]


def test_a_call_on_an_old_line_triggers_nothing() -> None:
    assert matches([rule()], changed_function(CODE, (14,)), calls(("kzalloc", 12))) == ()


def test_paths_and_call_globs_bound_a_rule() -> None:
    function = changed_function(CODE)
    assert matches([rule(paths=("net/*",))], function, calls(("kzalloc", 12))) == ()
    assert matches([rule(calls=("kz*",))], function, calls(("kzalloc", 12)))
    assert matches([rule(calls=("zalloc",))], function, calls(("kzalloc", 12))) == ()
