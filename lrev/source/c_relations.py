"""What a C file says of how functions hang together: who calls whom and with what, and which call undoes which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.source.c_events import FunctionEvents
from lrev.source.c_gfp import GFP_SHIFT, MAX_PARAMETERS, gfp_parameter, gfp_words, passed_gfp
from lrev.source.c_guards import Guard
from lrev.source.c_macros import macros
from lrev.source.c_pairs import pairs
from lrev.source.c_passing import passes
from lrev.source.c_results import results
from lrev.source.c_rows import SHAPE_GFP_SHIFT, Call, CallFlag, Entry, Pair, Pass, Result, Shape, ShapeFlag
from lrev.source.c_tree import ParsedC, is_static

_ATOMIC_TEST = re.compile(
    rb"\b(?:in_(?:interrupt|atomic|irq|hardirq|softirq|task|nmi)|irqs_disabled|preemptible|oops_in_progress)\b"
)
_STUB_BODY = re.compile(rb"\{\s*(?:return\b[^;(]*(?:\([^()]*\)[^;()]*)?;)?\s*\}")
# A body longer than this is no stub.
_STUB_BYTES = 120


@dataclass(frozen=True, slots=True)
class Relations:
    calls: tuple[Call, ...]
    passes: tuple[Pass, ...]
    results: tuple[Result, ...]
    pairs: tuple[Pair, ...]
    entries: tuple[Entry, ...]
    shapes: tuple[Shape, ...]


def relations(parsed: ParsedC, functions: tuple[FunctionEvents, ...]) -> Relations:
    written = tuple(macros(parsed))
    readings = [_Relating(function) for function in functions]
    return Relations(
        calls=(*(call for one in readings for call in one.calls()), *(call for one in written for call in one.calls)),
        passes=(
            *(each for one in readings for each in one.passes()),
            *(each for one in written for each in one.passes),
        ),
        results=tuple(result for one in readings for result in one.results()),
        pairs=pairs(functions),
        entries=tuple(_entries(parsed)),
        shapes=(*(_shape(one) for one in functions), *(one.shape for one in written)),
    )


class _Relating:
    """One function's part."""

    def __init__(self, function: FunctionEvents) -> None:
        self._function = function
        self._positions = {name: at for at, name in enumerate(function.parameters[:MAX_PARAMETERS]) if name}
        self._gfp = gfp_parameter(function.types)
        name = function.parameters[self._gfp] if self._gfp >= 0 else b""
        self._gfp_words = gfp_words(name, function.body)

    def calls(self) -> Iterator[Call]:
        for call in self._function.calls:
            guarded = CallFlag.GUARDED if call.guard is Guard.BRANCH else 0
            member = CallFlag.MEMBER if call.member else 0
            gfp = passed_gfp(call.arguments, self._gfp, self._gfp_words)
            yield Call(call.callee, self._function.name, call.line, guarded | member | gfp << GFP_SHIFT)

    def passes(self) -> Iterator[Pass]:
        if not self._positions:
            return
        for call in self._function.calls:
            if not call.member:
                yield from passes(
                    call.callee, self._function.name, call.line, call.arguments, self._positions, call.guard
                )

    def results(self) -> Iterator[Result]:
        yield from results(self._function, self._positions)


def _entries(parsed: ParsedC) -> Iterator[Entry]:
    of: dict[int, str] = {}
    for node in parsed.marked("field"):
        designator, value = node.child_by_field_name("designator"), node.child_by_field_name("value")
        if designator is None or value is None:
            continue
        function = parsed.data[value.start_byte : value.end_byte].decode("latin-1")
        if function.isupper() or function in {"true", "false"}:
            continue
        listed = node.parent
        if listed is None:
            continue
        if listed.start_byte not in of:
            of[listed.start_byte] = _type_of_list(parsed, listed)
        field = parsed.text(designator).lstrip(". \t")
        yield Entry(field, function, of[listed.start_byte], parsed.line(node.start_byte))


def _type_of_list(parsed: ParsedC, listed: Node) -> str:
    """`file_operations` for the list of `struct file_operations f = {...}`; "" within another list."""
    above = listed.parent
    declaration = above.parent if above is not None and above.type == "init_declarator" else None
    kind = declaration.child_by_field_name("type") if declaration is not None else None
    name = kind.child_by_field_name("name") if kind is not None else None
    return parsed.text(name) if name is not None else ""


def _shape(function: FunctionEvents) -> Shape:
    node, text = function.node, function.body
    flags = ShapeFlag.STATIC if is_static(node) else 0
    flags |= 0 if node.has_error else ShapeFlag.WHOLE
    empty = (
        all(call.callee == "ERR_PTR" for call in function.calls)
        and len(text) < _STUB_BYTES
        and _STUB_BODY.fullmatch(text)
    )
    flags |= ShapeFlag.STUB if empty else 0
    flags |= ShapeFlag.ATOMIC_TEST if _ATOMIC_TEST.search(text) else 0
    flags |= (gfp_parameter(function.types) + 1) << SHAPE_GFP_SHIFT
    return Shape(function.name, node.start_point.row + 1, int(flags))
