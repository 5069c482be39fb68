from __future__ import annotations

import pytest

from lrev.source.c_code import parse
from lrev.source.c_events import events, parameter_name, split_arguments
from tests.unit.samples import read_sample

MAKE, NOTHING = events(parse(read_sample("c/events.c")))
CALLS = {call.callee: call for call in MAKE.calls}


def test_parameters_by_name_whatever_their_type() -> None:
    assert MAKE.parameters == (b"room", b"done", b"name", b"flags")
    assert NOTHING.parameters == (b"void",)


def test_calls_in_order_with_their_lines() -> None:
    assert [call.callee for call in MAKE.calls] == [
        *("lamp_alloc", "f", "count", "lamp_number", "lamp_check", "lamp_show", "list_for_each_entry", "lamp_dim"),
        "lamp_fail",
    ]
    assert CALLS["lamp_fail"].line == 13
    assert NOTHING.calls == ()


def test_arguments_are_split_outside_of_brackets_and_strings() -> None:
    assert CALLS["lamp_alloc"].arguments == (
        *(b"room", b"sizeof(*lamp)", b"f(1, 2)", b'"a, \\"b"', b"','", b"&(struct size){1, 2}"),
    )


def test_what_becomes_of_a_result() -> None:
    assert CALLS["lamp_alloc"].result == b"lamp"
    assert CALLS["lamp_number"].result == b"*lamp->out"
    assert CALLS["lamp_show"].result == b""
    assert CALLS["lamp_show"].statement
    assert not CALLS["lamp_alloc"].statement
    assert CALLS["lamp_fail"].returned
    assert not CALLS["lamp_show"].returned
    assert MAKE.returned == {b"lamp"}


def test_a_call_through_a_member_has_the_name_of_the_field() -> None:
    assert CALLS["count"].member
    assert CALLS["count"].result == b"tries"
    assert not CALLS["lamp_show"].member


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (b"", ()),
        (b" \n ", ()),
        (b"a, b", (b"a", b"b")),
        (b"a[1, 2], {1, 2}, b", (b"a[1, 2]", b"{1, 2}", b"b")),
        (b"'\\'', ')', x", (b"'\\''", b"')'", b"x")),
    ],
)
def test_splitting(text: bytes, pieces: tuple[bytes, ...]) -> None:
    assert split_arguments(text) == pieces


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        (b"struct lamp *lamp", b"lamp"),
        (b"int (*done)(int, int)", b"done"),
        (b"u8 mac[6][2]", b"mac"),
        (b"const char * const *names", b"names"),
        (b"...", b""),
    ],
)
def test_names_of_parameters(piece: bytes, name: bytes) -> None:
    assert parameter_name(piece) == name


def test_a_function_cut_by_conditional_compilation_keeps_its_calls() -> None:
    text = b"int f(int a)\n{\n#ifdef A\n\tif (a)\n#else\n\tif (!a)\n#endif\n\t\tg(a);\n\treturn h(a);\n}\n"
    (function,) = events(parse(text))
    assert [call.callee for call in function.calls] == ["g", "h"]
    assert function.calls[1].returned


def test_a_file_without_functions() -> None:
    assert events(parse(b"int a;\n#define F(x) g(x)\n")) == ()
