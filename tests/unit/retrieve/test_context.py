from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.code import fitting, marked
from lrev.retrieve.context import pack
from lrev.types import ChangedFunction, Passage
from tests.unit.changes import changed_function

LONG = "\n".join(["static int lamp_probe(void)", "{", *(f"\tstep({n});" for n in range(200)), "}"])


def words(text: str) -> int:
    return len(text.split())


def render(function: ChangedFunction, code: str, passages: Sequence[Passage]) -> str:
    return "\n".join([f"In {function.path} :", code, *(f"{one.title} : {one.text}" for one in passages)])


def candidate(size: int, name: str = "a") -> Candidate:
    return Candidate(Origin.SIMILAR, f"{name}.c:1-2", name, " ".join([f"{name}_word"] * size), "because")


def test_new_lines_are_marked_and_far_ones_cut() -> None:
    function = changed_function(LONG, (100,))
    assert marked(function).split("\n")[90] == "+ \tstep(88);"
    near = marked(function, 1).split("\n")
    assert near[0] == "  static int lamp_probe(void)"
    assert [line for line in near if "step(8" in line] == ["  \tstep(87);", "+ \tstep(88);", "  \tstep(89);"]
    assert near.count("  [...]") == 2


def test_a_function_is_whole_where_it_fits_and_windowed_where_not() -> None:
    function = changed_function(LONG, (100,))
    assert fitting(function, lambda text: True) == (marked(function), True)
    windowed = fitting(function, lambda text: words(text) < 40)
    assert windowed is not None and not windowed[1]
    assert fitting(function, lambda text: False) is None


def test_a_long_passage_is_left_out_and_listed_and_a_shorter_one_still_comes_in() -> None:
    function = changed_function("int f(void)\n{\n\treturn 0;\n}")
    context = pack(function, [candidate(500, "long"), candidate(5, "short")], render, words, 60)
    assert context is not None
    assert [one.title for one in context.passages] == ["short"]
    assert [(one.source, one.tokens) for one in context.left_out] == [("long.c:1-2", 502)]


def test_parts_of_the_function_itself_are_no_passages() -> None:
    function = changed_function("int f(void)\n{\n\treturn 0;\n}")
    own = replace(candidate(5, "own"), origin=Origin.FUNCTION)
    context = pack(function, [own, candidate(5)], render, words, 60)
    assert context is not None
    assert [one.title for one in context.passages] == ["a"]


def test_no_context_when_not_even_the_changed_lines_fit() -> None:
    assert pack(changed_function(LONG), [], render, words, 20) is None


@given(limit=st.integers(0, 700), sizes=st.lists(st.integers(1, 200), max_size=6), line=st.integers(12, 200))
def test_the_budget_is_never_exceeded(limit: int, sizes: list[int], line: int) -> None:
    function = changed_function(LONG, (line,))
    context = pack(function, [candidate(size, f"n{at}") for at, size in enumerate(sizes)], render, words, limit)
    if context is not None:
        assert words(render(function, context.code, context.passages)) == context.tokens <= limit
