from __future__ import annotations

import pytest

from lrev.source.c_code import functions, parse
from lrev.source.c_nodes import callee, walk
from lrev.source.control_flow import Path, Step, StepKind, paths
from lrev.source.flow_values import ANY, NEGATIVE, POSITIVE, ZERO
from tests.unit.samples import read_sample

DATA = read_sample("c/flow.c")


def ways(name: str, data: bytes = DATA) -> tuple[Path, ...]:
    parsed = parse(data)
    names = [one.name for one in functions(parsed)]
    return paths(parsed.functions[names.index(name)], data)


def called(path: Path) -> str:
    """The calls of one() and two() on a path, such as `one two`."""
    calls = (callee(one, DATA) for step in path[:-1] for one in walk(step.node) if one.type == "call_expression")
    return " ".join(name for name in calls if name in {"one", "two"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("straight", [""]),
        ("either", ["one", "two"]),
        ("same_twice", ["", "one two"]),
        ("changed_between", ["", "one", "one two", "two"]),
        ("constant", ["", "one"]),
        ("both", ["", "", ""]),
        ("loops", ["", "one"]),
        ("iterates", ["", "", "", "one"]),
        ("once", ["one"]),
        ("falls", ["", "one two", "two"]),
        ("jumps", ["one two", "two"]),
        ("again", ["", ""]),
        ("ends", [""]),
        ("falls_off", ["", "one"]),
        ("compiled", ["one two one", "two"]),
        ("forever", [""]),
        ("guarded", ["one"]),
    ],
)
def test_what_is_called_on_the_ways_through(name: str, expected: list[str]) -> None:
    assert sorted(called(path) for path in ways(name)) == sorted(expected)


def test_what_is_returned_is_known_from_what_was_assigned() -> None:
    assert {path[-1].signs for path in ways("constant")} == {ZERO, NEGATIVE}
    assert [path[-1].signs for path in ways("pointer")] == [NEGATIVE, ZERO, POSITIVE]
    assert {path[-1].signs for path in ways("falls_off")} == {ANY}


def test_a_condition_has_its_text_outcome_and_variable() -> None:
    longest = max(ways("both"), key=len)
    first = [step for step in longest if step.kind is StepKind.CONDITION]
    assert [(step.condition, step.truth, step.variable, step.signs) for step in first] == [
        ("a", True, "a", NEGATIVE | POSITIVE),
        ("b", True, "b", NEGATIVE | POSITIVE),
    ]


def test_a_case_is_named_by_its_label() -> None:
    taken: set[str] = {step.condition for path in ways("falls") for step in path if step.condition}
    assert taken == {"(x) is 1", "(x) is 2", "(x) is default"}


def test_the_end_of_a_void_function_is_its_closing_brace() -> None:
    last: Step = ways("falls_off")[0][-1]
    assert DATA.decode().split("\n")[last.line - 1] == "}"


def test_too_many_paths_prove_nothing() -> None:
    body = "".join(f"\tif (a{n})\n\t\tg({n});\n" for n in range(12))
    data = f"int f(void)\n{{\n{body}\treturn 0;\n}}\n".encode()
    assert ways("f", data) == ()


def test_the_limit_is_the_callers() -> None:
    parsed = parse(DATA)
    names = [one.name for one in functions(parsed)]
    node = parsed.functions[names.index("either")]
    assert len(paths(node, DATA, limit=2)) == 2
    assert paths(node, DATA, limit=1) == ()


@pytest.mark.parametrize(
    ("condition", "ends"),
    [
        ("err", [(False, 2), (True, 1)]),
        ("err < 0", [(False, 2), (True, 1)]),
        ("unlikely(err)", [(False, 2), (True, 1)]),
        ("0 != err", [(False, 2), (True, 1)]),
        ("err > 0", [(False, 2), (True, 2)]),
        ("err == -EIO", [(False, 2), (True, 1), (True, 2)]),  # it may be another error
        ("(err = next())", [(False, 1), (False, 2), (True, 1), (True, 2)]),
    ],
)
def test_a_condition_on_a_constant_has_one_outcome(condition: str, ends: list[tuple[bool, int]]) -> None:
    start = "int f(int x)\n{\n\tint err = 0;\n\tif (x)\n\t\terr = -EIO;\n"
    text = f"{start}\tif ({condition})\n\t\treturn 1;\n\treturn 2;\n}}\n"
    found = [(path[1].truth, 1 if path[-1].line == 7 else 2) for path in ways("f", text.encode())]
    assert sorted(found) == ends
