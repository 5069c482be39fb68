from __future__ import annotations

import pytest

from lrev.source.c_code import parse
from lrev.source.c_events import events
from lrev.source.c_gfp import GFP_SHIFT, Gfp, passed_gfp
from lrev.source.c_relations import Relations, relations
from lrev.source.c_rows import (
    ARGUMENT_SHIFT,
    PARAMETER_SHIFT,
    SHAPE_GFP_SHIFT,
    CallFlag,
    Entry,
    Pass,
    PassFlag,
    Result,
    ResultFlag,
    ShapeFlag,
)
from tests.unit.samples import read_sample


def related(data: bytes) -> Relations:
    parsed = parse(data)
    return relations(parsed, events(parsed))


SAMPLE = related(read_sample("c/relations.c"))
CALLS = {call.callee: call for call in SAMPLE.calls}


@pytest.mark.parametrize(
    ("callee", "gfp"),
    [
        ("first_lamp", Gfp.BLOCKING),
        ("lamp_take", Gfp.ATOMIC),
        ("second", Gfp.FIRST_PARAMETER + 1),
        ("third", Gfp.FIRST_PARAMETER + 1),
        ("fourth", Gfp.UNKNOWN),
        ("lamp_wait", Gfp.NONE),
    ],
)
def test_what_a_call_hands_on_as_gfp(callee: str, gfp: int) -> None:
    assert CALLS[callee].flags >> GFP_SHIFT == gfp


@pytest.mark.parametrize(
    ("argument", "gfp"),
    [
        (b"GFP_KERNEL | __GFP_NOWARN", Gfp.BLOCKING),
        (b"GFP_NOFS", Gfp.BLOCKING),
        (b"GFP_NOWAIT | __GFP_NOWARN", Gfp.ATOMIC),
        (b"GFP_ATOMIC | __GFP_ZERO", Gfp.ATOMIC),
        (b"GFP_KERNEL_ACCOUNT", Gfp.BLOCKING),
        (b"lamp->gfp", Gfp.UNKNOWN),
        (b"FOGFP", Gfp.NONE),
        (b"size", Gfp.NONE),
    ],
)
def test_constants_decide(argument: bytes, gfp: int) -> None:
    assert passed_gfp((b"a", argument), -1, frozenset()) == gfp


def test_calls_know_whether_they_always_happen() -> None:
    assert CALLS["lamp_wait"].flags & CallFlag.GUARDED
    assert not CALLS["second"].flags & CallFlag.GUARDED
    assert CALLS["enter"].flags & CallFlag.MEMBER


def test_parameters_that_are_handed_on() -> None:
    passed = [one for one in SAMPLE.passes if one.callee == "lamp_wait" and one.caller == "lamp_find"]
    assert passed == [
        Pass("lamp_wait", "lamp_find", 13, PassFlag.GUARDED | PassFlag.EMBEDDED),
        Pass("lamp_wait", "lamp_find", 13, PassFlag.GUARDED | 1 << ARGUMENT_SHIFT),
    ]
    second = next(one for one in SAMPLE.passes if one.callee == "second")
    assert second.flags == 1 << PARAMETER_SHIFT
    assert not [one for one in SAMPLE.passes if one.callee in {"lamp_take", "enter"}]


def test_an_exit_for_an_error_is_told_from_a_branch() -> None:
    text = b"int f(struct a *a)\n{\n\tint err = g();\n\tif (err)\n\t\treturn err;\n\th(a);\n\treturn 0;\n}\n"
    assert [one.flags for one in related(text).passes] == [PassFlag.FAILURE]
    assert [one.flags for one in related(text.replace(b"return err", b"err = 0")).passes] == [0]
    assert [one.flags for one in related(text.replace(b"(err)", b"(a->b)")).passes] == [PassFlag.FAILURE]
    looped = text.replace(b"if (err)\n\t\treturn err", b"while (err--)\n\t\th(a)")
    assert [one.flags for one in related(looped).passes] == [PassFlag.GUARDED, 0]


def test_tables_of_operations() -> None:
    assert set(SAMPLE.entries) == {
        Entry("find", "lamp_find", "lamp_operations", 18),
        Entry("deep", "lamp_deep", "", 21),
    }


def test_shapes() -> None:
    shapes: dict[str, list[int]] = {}
    for shape in SAMPLE.shapes:
        shapes.setdefault(shape.name, []).append(shape.flags)
    assert shapes["lamp_find"] == [ShapeFlag.STATIC | ShapeFlag.WHOLE | 2 << SHAPE_GFP_SHIFT]
    assert shapes["lamp_on"] == [ShapeFlag.WHOLE, ShapeFlag.STATIC | ShapeFlag.WHOLE | ShapeFlag.STUB]
    stub = ShapeFlag.STATIC | ShapeFlag.WHOLE | ShapeFlag.STUB
    assert (shapes["lamp_off"], shapes["lamp_none"]) == ([stub], [stub])
    assert not shapes["lamp_more"][0] & ShapeFlag.STUB
    assert shapes["lamp_careful"][0] & ShapeFlag.ATOMIC_TEST


def test_a_function_with_a_parse_error_is_not_whole() -> None:
    (shape,) = related(b"int f(int a)\n{\n\tg(a) +* ;\n\treturn 0;\n}\n").shapes
    assert not shape.flags & ShapeFlag.WHOLE


RESULT = "struct a *f(struct b *b)\n{{\n\tstruct a *a;\n\n\ta = g(b);\n{}\n\treturn a;\n}}\n"


@pytest.mark.parametrize(
    ("between", "flags"),
    [
        ("", 0),
        ("if (a)\n\tshow(a);", 0),
        ("if (!a->b)\n\tshow(a);", 0),
        ("if (!a)\n\treturn a;", 0),
        ("if (IS_ERR(a))\n\treturn a;", 0),
        ("if (!a)\n\treturn NULL;", ResultFlag.NULL_TESTED),
        ("if (unlikely(!a))\n\treturn ERR_PTR(-ENOMEM);", ResultFlag.NULL_TESTED),
        ("if (a == NULL)\n\tgoto out;", ResultFlag.NULL_TESTED),
        ("if (IS_ERR(a))\n\treturn NULL;", ResultFlag.ERROR_TESTED),
        ("if (IS_ERR_OR_NULL(a))\n\ta = ERR_PTR(-EIO);", ResultFlag.ERROR_TESTED | ResultFlag.NULL_TESTED),
        ("if (b->other)\n\treturn b->other;", ResultFlag.PARTLY),
    ],
)
def test_results_that_are_given_on(between: str, flags: int) -> None:
    assert related(RESULT.format(between).encode()).results[0] == Result("g", "f", 5, flags)


def test_a_result_behind_a_pointer_is_not_the_variable() -> None:
    assert related(b"int *f(int *b)\n{\n\tint *a = b;\n\n\t*a = g(b);\n\treturn a;\n}\n").results == ()


def test_what_is_handed_out_after_it_was_given_to_a_call() -> None:
    text = "struct a *f(struct b *b)\n{\n\tstruct a *a = b->a;\n\tget(0, a);\n\treturn a;\n}\n"
    assert related(text.encode()).results == (Result("get", "f", 4, 2),)
    assert related(text.replace("get(", "if (b->c)\n\t\tget(").encode()).results[0].flags == 2 | ResultFlag.PARTLY
    searched = text.replace("get(0, a);", "if (b->c) {\n\t\tget(0, a);\n\t\treturn a;\n\t}\n")
    assert related(searched.encode()).results[0].flags == 2


def test_a_parameter_is_not_handed_out() -> None:
    text = b"struct a *f(struct a *a)\n{\n\tget(a);\n\treturn a;\n}\n"
    assert related(text).results == ()
