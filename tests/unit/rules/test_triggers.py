from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.rules.rule import Trigger
from lrev.rules.triggers import matches
from lrev.source.c_query import Pattern
from lrev.types import Call, Suspicion
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


def triggered(trigger: Trigger, code: str = CODE, changed: tuple[int, ...] = ()) -> list[tuple[str, int, str]]:
    function = changed_function(code, changed)
    found = matches([replace(rule(), trigger=trigger)], function, calls(("kzalloc", 12), ("kzalloc", 13)))
    return [(match.call, match.line, match.variable) for match in found]


TYPED = """
static int lamp_probe(struct lamp *lamp)
{
	struct wire wire;

	memset(lamp, 0, sizeof(lamp));
	kfree(lamp);
	return 0;
}
"""


def test_a_type_on_an_added_line_triggers() -> None:
    assert triggered(Trigger(types=("wire",)), TYPED) == [("wire", 12, "")]
    assert triggered(Trigger(types=("wi*",)), TYPED, changed=(14,)) == []


SIZE_OF_POINTER = """
(call_expression
  function: (identifier) @call (#eq? @call "memset")
  arguments: (argument_list (identifier) @variable (_) (sizeof_expression (parenthesized_expression (identifier) @_of)))
  (#eq? @variable @_of)) @match
"""


def test_a_query_triggers_where_its_match_is_new_and_fills_the_texts() -> None:
    trigger = Trigger(query=Pattern(SIZE_OF_POINTER))
    assert triggered(trigger, TYPED) == [("memset", 14, "lamp")]
    assert triggered(trigger, TYPED, changed=(15,)) == []
    assert triggered(trigger, TYPED.replace("sizeof(lamp)", "sizeof(wire)")) == []


def calling(name: str, arguments: str = "") -> str:
    passed = f"arguments: (argument_list {arguments})" if arguments else ""
    return f'(call_expression function: (identifier) @_f (#eq? @_f "{name}") {passed})'


@pytest.mark.parametrize(
    ("unless", "raised"),
    [
        (f"({calling('kfree')} @after)", False),
        (f"({calling('kfree')} @before)", True),
        (calling("kfree", "(_) @variable"), False),
        (calling("memset", "(_) @variable (_) (_)"), False),
        ("(call_expression arguments: (argument_list (number_literal) @variable))", True),
        ("(goto_statement) @after", True),
    ],
)
def test_what_is_found_elsewhere_can_settle_it(unless: str, raised: bool) -> None:
    trigger = Trigger(query=Pattern(SIZE_OF_POINTER), unless=Pattern(unless))
    assert bool(triggered(trigger, TYPED)) is raised
    beside = Trigger(query=Pattern(SIZE_OF_POINTER), beside=Pattern(unless))
    assert bool(triggered(beside, TYPED)) is not raised


def test_what_a_check_said_of_the_function_triggers_and_is_proven() -> None:
    function = changed_function(CODE)
    said = Suspicion("check", "resource leaked", function.path, function.name, 12, "", (), subject="lamp")
    one = replace(rule(), trigger=Trigger(mechanisms=("resource leaked",)))
    (found,) = matches([one], function, [], [said])
    assert (found.line, found.variable, found.proven) == (12, "lamp", True)
    assert matches([one], function, [], [replace(said, function="lamp_other")]) == ()
