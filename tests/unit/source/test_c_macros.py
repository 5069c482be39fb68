from __future__ import annotations

from lrev.source.c_code import parse
from lrev.source.c_gfp import GFP_SHIFT, Gfp
from lrev.source.c_macros import macros
from lrev.source.c_rows import (
    ARGUMENT_SHIFT,
    PARAMETER_SHIFT,
    SHAPE_GFP_SHIFT,
    Call,
    CallFlag,
    Pass,
    PassFlag,
    ShapeFlag,
)

HEADER = b"""\
#define lamp_wait(lamp, how) do { \\
	might_sleep(); \\
	if (how) \\
		lamp_sleep((lamp)); \\
} while (0)
#define lamp_volts(lamp) ((lamp)->volts)
#define lamp_alloc(size, flags) __lamp_alloc(size, flags)
#define lamp_make(room, gfp) lamp_new(sizeof(room), (gfp) | __GFP_ZERO)
#define lamp_call(function, lamp) function(lamp)
#define LAMP_COUNT 7
"""
MACROS = {macro.shape.name: macro for macro in macros(parse(HEADER))}


def test_calls_of_a_macro_and_whether_they_always_happen() -> None:
    assert MACROS["lamp_wait"].calls == (
        Call("might_sleep", "lamp_wait", 1, CallFlag.MACRO),
        Call("lamp_sleep", "lamp_wait", 1, CallFlag.MACRO | CallFlag.GUARDED),
    )


def test_parameters_are_handed_on_out_of_their_brackets() -> None:
    assert MACROS["lamp_wait"].passes == (Pass("lamp_sleep", "lamp_wait", 1, PassFlag.GUARDED),)
    assert (
        Pass("__lamp_alloc", "lamp_alloc", 7, 1 << ARGUMENT_SHIFT | 1 << PARAMETER_SHIFT) in MACROS["lamp_alloc"].passes
    )


def test_a_macro_that_calls_nothing_is_a_stub() -> None:
    assert MACROS["lamp_volts"].shape.flags & ShapeFlag.STUB
    assert not MACROS["lamp_wait"].shape.flags & ShapeFlag.STUB
    assert MACROS["lamp_wait"].shape.flags & ShapeFlag.MACRO


def test_gfp_of_a_macro_goes_by_the_name_of_its_parameter() -> None:
    for name in ("lamp_alloc", "lamp_make"):
        (call,) = MACROS[name].calls
        assert call.flags >> GFP_SHIFT == Gfp.FIRST_PARAMETER + 1
        assert MACROS[name].shape.flags >> SHAPE_GFP_SHIFT == 2
    assert MACROS["lamp_wait"].shape.flags >> SHAPE_GFP_SHIFT == 0


def test_what_is_called_through_a_parameter_has_no_name() -> None:
    assert MACROS["lamp_call"].calls == ()


def test_macros_without_parameters_are_no_functions() -> None:
    assert "LAMP_COUNT" not in MACROS
