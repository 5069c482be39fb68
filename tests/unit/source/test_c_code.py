from __future__ import annotations

import pytest

from lrev.source.c_code import calls, functions, parse
from lrev.source.c_spelling import respell
from tests.unit.samples import read_sample

SPELLING = read_sample("c/spelling.c")


@pytest.mark.parametrize("name", ["c/spelling.c", "c/facts.c", "c/flow.c", "c/locks.c", "c/leaks.c"])
def test_respelling_moves_nothing(name: str) -> None:
    data = read_sample(name)
    respelled, _ = respell(data)
    assert len(respelled) == len(data)
    assert [at for at, byte in enumerate(respelled) if byte == 10] == [at for at, byte in enumerate(data) if byte == 10]


def test_functions_are_whole_but_for_the_broken_one() -> None:
    found = {one.name: one for one in functions(parse(SPELLING))}
    assert list(found) == ["lamp_start", "lamp_find", "lamp_light", "lamp_cut", "lamp_broken"]
    assert [name for name, one in found.items() if not one.whole] == ["lamp_broken"]
    assert [name for name, one in found.items() if one.static] == ["lamp_start", "lamp_find", "lamp_cut"]


def test_a_function_begins_with_its_return_type_and_is_given_as_written() -> None:
    find = next(one for one in functions(parse(SPELLING)) if one.name == "lamp_find")
    lines = SPELLING.decode().split("\n")
    assert find.text.split("\n") == lines[find.span.start - 1 : find.span.end]
    assert find.text.startswith("static struct lamp *\nlamp_find(")
    assert "__must_hold(&lamp_lock)" in find.text
    assert "case 1 ... 3:" in find.text
    assert find.text.endswith("\n}")


def test_calls_have_callers_and_iterators_are_calls() -> None:
    found = calls(parse(SPELLING), "b")
    made = {(one.caller, one.callee) for one in found}
    assert ("lamp_find", "list_for_each_entry") in made
    assert ("lamp_find", "for_each_set_bit") in made
    assert ("lamp_find", "container_of") in made
    assert ("lamp_light", "lamp_light") in made
    assert {("lamp_cut", "lamp_show"), ("lamp_cut", "lamp_hide")} <= made
    lines = SPELLING.decode().split("\n")
    assert all(one.callee in lines[one.line - 1] for one in found)


def test_calls_outside_of_functions_and_through_members_are_none() -> None:
    data = b"MODULE_LICENSE(x);\nint f(struct a *a)\n{\n\treturn a->start(a);\n}\n"
    assert calls(parse(data), "b") == ()


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe\x00", b"#if 1\n", b"int f(void) {", b"}}}}", b"/* open"])
def test_any_bytes_are_parsed(data: bytes) -> None:
    parsed = parse(data)
    assert all(not one.whole for one in functions(parsed))
    assert calls(parsed, "b") == ()


def test_line_ends_of_dos_and_latin_1_survive() -> None:
    (found,) = functions(parse(b"int f(void)\r\n{\r\n\treturn 0; /* \xe4 */\r\n}\r\n"))
    assert found.text == "int f(void)\n{\n\treturn 0; /* ä */\n}"
    assert (found.span.start, found.span.end) == (1, 4)
