"""Which of its callees' results a function returns, and what it has looked for in them before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lrev.source.c_events import CallEvent, FunctionEvents
from lrev.source.c_gfp import MAX_PARAMETERS
from lrev.source.c_guards import Guard
from lrev.source.c_rows import Result, ResultFlag

_RETURN = re.compile(rb"\breturn\b\s*([^;]*);")
_NOTHING = re.compile(rb"(?:NULL|0|(?:IOMEM_)?(?:ERR_PTR|ERR_CAST)\s*\(.*)", re.DOTALL)
_LEAVES = re.compile(rb"[^;{}]*;\s*(?:break|return|goto)\b[^;{}]*;\s*\}\s*\S")
_NULL_TEST = re.compile(
    rb"!\s*(\w+)\b(?!\s*(?:->|\[|\(|\.))|\b(\w+)\s*==\s*NULL\b|\bIS_ERR_OR_NULL\s*\(\s*(\w+)\s*\)|"
    rb"\(\s*(\w+)\s*\)\s*\{?\s*(?:return|goto)\b|"
    rb"\bif\s*\(\s*(\w+)\s*\)\s*\{[^{}]*\breturn\s+\5\s*;|"
    rb"\bif\s*\(\s*(\w+)\s*\)\s*(?:\{[^{}]*\}|[^;{}]*;)\s*else\b"
)
_ERROR_TEST = re.compile(rb"\bIS_ERR(?:_OR_NULL)?\s*\(\s*(\w+)\s*\)")
_GIVEN_ON = re.compile(rb"[^;{}]*\{?\s*return\s+(\w+)\s*;")
# A word, and whether it is being declared or made nothing, or is what the call is assigned to.
_WORD = re.compile(rb"(\*\s*)?\b(\w+)\b(\s*=\s*(?:NULL\s*[;,]|ERR_PTR\b|\Z))?")


def results(function: FunctionEvents, positions: Mapping[bytes, int]) -> Iterator[Result]:
    """`positions` are the function's parameters: what it was given, it does not hand out."""
    handed = function.returned - positions.keys()
    body = function.node.child_by_field_name("body")
    if body is None:
        return
    for call in function.calls:
        if call.member:
            continue
        at = call.start - body.start_byte
        if call.returned:
            partly = _returns_others(function.body, function.body[at : function.body.find(b";", at)])
            yield Result(call.callee, function.name, call.line, ResultFlag.PARTLY if partly else 0)
        elif call.result and call.result in function.returned:
            yield Result(call.callee, function.name, call.line, _flags(function.body, call, at))
        for argument, text in enumerate(call.arguments[:MAX_PARAMETERS]) if handed else ():
            if text in handed:
                # A search ends with what it takes.
                is_sure = call.guard is not Guard.BRANCH or not call.statement or _LEAVES.match(function.body, at)
                partly = not is_sure or _returns_others(function.body, text)
                flags = argument + 1 | (ResultFlag.PARTLY if partly else 0)
                yield Result(call.callee, function.name, call.line, flags)


def _flags(body: bytes, call: CallEvent, at: int) -> int:
    """Of a call whose result is put into a variable that is returned."""
    partly = _returns_others(body, call.result) or _is_other_before(body[:at], call)
    flags = int(ResultFlag.PARTLY) if partly else 0
    for flag, pattern in ((ResultFlag.NULL_TESTED, _NULL_TEST), (ResultFlag.ERROR_TESTED, _ERROR_TEST)):
        if any(_stops(body, found, call.result) for found in pattern.finditer(body, at)):
            flags |= flag
    return flags


def _stops(body: bytes, test: re.Match[bytes], name: bytes) -> bool:
    """Whether the test is of this variable, and something else than to return it follows."""
    if name not in test.groups():
        return False
    given_on = _GIVEN_ON.match(body, test.end())
    return given_on is None or given_on[1] != name


def _is_other_before(before: bytes, call: CallEvent) -> bool:
    """Whether the variable may hold something else than the result where that is not asked for."""
    if call.guard is not Guard.BRANCH:
        return False
    return any(found[2] == call.result and not (found[1] or found[3]) for found in _WORD.finditer(before))


def _returns_others(body: bytes, text: bytes) -> bool:
    """Whether there are returns of something else, NULL and errors apart."""
    values = (found[1].strip(b"() \t\n") for found in _RETURN.finditer(body))
    wanted = text.strip(b"() \t\n")
    return any(value != wanted and not _NOTHING.fullmatch(value) for value in values)
