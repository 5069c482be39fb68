"""What is read from a C file: functions and calls here, symbols, facts and chunks in modules of their own."""

from __future__ import annotations

import bisect
import re

from lrev.source.c_chunks import chunks
from lrev.source.c_facts import facts
from lrev.source.c_symbols import symbols
from lrev.source.c_tree import ParsedC, function_name_node, is_static, parse, span
from lrev.types import Call, FunctionSource

__all__ = ["ParsedC", "calls", "chunks", "facts", "functions", "parse", "symbols"]

_NAME = re.compile(rb"\w+")


def functions(parsed: ParsedC) -> tuple[FunctionSource, ...]:
    """Every definition, from the first line of its return type to its closing brace."""
    found: list[FunctionSource] = []
    for node in parsed.functions:
        name = function_name_node(node)
        assert name is not None
        lines = span(node)
        found.append(FunctionSource(parsed.text(name), lines, parsed.lines(lines), is_static(node), not node.has_error))
    return tuple(found)


def calls(parsed: ParsedC, blob: str) -> tuple[Call, ...]:
    """Calls by name inside functions, iterator macros among them; calls through a member have no name to look up."""
    starts = [node.start_byte for node in parsed.functions]
    names = [function_name_node(node) for node in parsed.functions]
    places = [node.start_byte for node in parsed.marked("call")] + list(parsed.iterators)
    calls: list[Call] = []
    for start in sorted(places):
        at = bisect.bisect_right(starts, start) - 1
        caller = names[at] if at >= 0 and start < parsed.functions[at].end_byte else None
        if caller is not None:
            called = _NAME.match(parsed.data, start)
            assert called is not None
            calls.append(Call(parsed.text(caller), called[0].decode("latin-1"), blob, parsed.line(start)))
    return tuple(calls)
