"""Function-like macros, read from their text: what they call, and what they hand on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lrev.source.c_events import parameter_name, split_arguments
from lrev.source.c_gfp import GFP_SHIFT, MAX_PARAMETERS, passed_gfp
from lrev.source.c_guards import Guard
from lrev.source.c_passing import passes
from lrev.source.c_rows import SHAPE_GFP_SHIFT, Call, CallFlag, Pass, Shape, ShapeFlag
from lrev.source.c_tree import ParsedC

_MACRO_CALL = re.compile(rb"\b([A-Za-z_]\w+)\s*\(")
_MACRO_CONDITION = re.compile(rb"\bif\b|\?|&&|\|\||\bfor\b|\bwhile\s*\(\s*[^0\s]")
_NO_CALL = frozenset(
    b"if while for switch return sizeof typeof __typeof__ do else defined __builtin_constant_p __attribute__ "
    b"__builtin_expect likely unlikely BUILD_BUG_ON BUILD_BUG_ON_ZERO BUILD_BUG_ON_MSG typecheck __same_type".split()
)


class _Macro(NamedTuple):
    shape: Shape
    calls: tuple[Call, ...]
    passes: tuple[Pass, ...]


def macros(parsed: ParsedC) -> Iterator[_Macro]:
    for node in parsed.marked("macro"):
        if node.type != "preproc_function_def":
            continue
        name, listed = node.child_by_field_name("name"), node.child_by_field_name("parameters")
        value = node.child_by_field_name("value")
        if name is not None and listed is not None:
            parameters = split_arguments(parsed.data[listed.start_byte + 1 : listed.end_byte - 1])
            body = parsed.data[value.start_byte : value.end_byte] if value is not None else b""
            line = node.start_point.row + 1
            yield _macro(parsed.text(name), tuple(map(parameter_name, parameters)), body, line)


def _macro(name: str, parameters: tuple[bytes, ...], body: bytes, line: int) -> _Macro:
    positions = {one: at for at, one in enumerate(parameters[:MAX_PARAMETERS]) if one}
    gfp = next((at for one, at in positions.items() if b"gfp" in one), -1)
    condition = _MACRO_CONDITION.search(body)
    first_condition = condition.start() if condition else len(body)
    calls: list[Call] = []
    takes = gfp
    handed_on: list[Pass] = []
    for found in _MACRO_CALL.finditer(body):
        if found[1] in _NO_CALL or found[1] in positions:
            continue
        callee = found[1].decode("latin-1")
        arguments = split_arguments(_in_brackets(body, found.end()))
        guarded = found.start() > first_condition
        # A macro's parameters have no types; what an allocator is given as flags are its gfp flags.
        own = gfp if gfp >= 0 or b"alloc" not in found[1] else positions.get(b"flags", -1)
        told = passed_gfp(arguments, own, frozenset(parameters[own : own + 1]) if own >= 0 else frozenset())
        takes = max(takes, own)
        flags = CallFlag.MACRO | (CallFlag.GUARDED if guarded else 0)
        calls.append(Call(callee, name, line, flags | told << GFP_SHIFT))
        bare = tuple(argument.strip(b"() \t\\\n") if b"," not in argument else argument for argument in arguments)
        guard = Guard.BRANCH if guarded else Guard.NONE
        handed_on += passes(callee, name, line, bare, positions, guard)
    flags = ShapeFlag.MACRO | ShapeFlag.WHOLE | (0 if calls else ShapeFlag.STUB) | (takes + 1) << SHAPE_GFP_SHIFT
    return _Macro(Shape(name, line, flags), tuple(calls), tuple(handed_on))


def _in_brackets(text: bytes, start: int) -> bytes:
    """From behind an opening bracket to its closing one."""
    depth = 1
    for at in range(start, len(text)):
        if text[at] == 40:
            depth += 1
        elif text[at] == 41:
            depth -= 1
            if not depth:
                return text[start:at]
    return text[start:]
