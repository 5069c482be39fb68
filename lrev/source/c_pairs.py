"""Which call undoes which: what is done to the same operand, before and on the way out of an error."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.source.c_events import CallEvent, FunctionEvents
from lrev.source.c_rows import Pair, Undone
from lrev.source.c_undoing import are_counterparts, may_undo

_OPERAND = re.compile(rb"&?\s*[A-Za-z_][\w.>\[\]-]*")
# Callees that hold, measure or report what they are given, and undo nothing.
_NO_RELEASE = re.compile(
    r"^(?:(?:dev|pr|net|netdev|netif|wiphy|drm|ath\w*|v4l2|hid|mlx\w*|acpi|bt|en|e|hw|sd|scmd|shost|vdev)_)?"
    r"(?:err|warn|info|dbg|debug|notice|emerg|crit|alert|printk\w*|WARN\w*|BUG\w*|mem(?:set|cpy|move)|str\w*|snprintf|"
    r"sprintf|msleep|udelay|mdelay|usleep_range|trace_\w+|smp_\w+|barrier|cond_resched|set_\w+|.*_set_\w+data)$|"
    r"assert|(?:^|_)(?:write|out)[bwlqs]?(?:_|$)|errno$|^mlog|_(?:err|error|warn|warning|msg|dbg|debug|log)$"
)
# `EXT4_SB(sb)`, `to_lamp(dev)`: begin nothing.
_CONVERSION = re.compile(r"^[A-Z0-9_]+$|(?:^|_)to_|_of$")
# Results that are no things.
_NUMBER = re.compile(rb"i?ret|err|error|rc|retval|status|result|res|rv")
_TEARS_DOWN = re.compile(
    r"remove|exit|release|free|close|destroy|detach|unbind|disconnect|stop|fini|cleanup|unregister|disable|teardown|shutdown|uninit|deinit|del(?:ete)?(?:_|$)|put"
)


def pairs(functions: tuple[FunctionEvents, ...]) -> tuple[Pair, ...]:
    """Each place where a release meets what it may undo; only their numbers over a whole tree say which are pairs."""
    return (*(pair for one in functions for pair in _undone(one)), *_undone_elsewhere(functions))


def _undone(function: FunctionEvents) -> Iterator[Pair]:
    """Calls on an error path, against the calls before them that have the same operand."""
    for at, release in enumerate(function.calls):
        if not (release.cleanup and _may_release(release)):
            continue
        yield from _against(function.calls[:at], release, _operands(release))


def _against(before: tuple[CallEvent, ...], release: CallEvent, operands: frozenset[bytes]) -> Iterator[Pair]:
    """The nearest that gave the operand, or that began for it what the release ends."""
    for call in reversed(before):
        if call.callee == release.callee or call.member or (call.cleanup and call.statement):
            continue
        if _CONVERSION.search(call.callee):
            continue
        if call.result and call.result in operands and not _NUMBER.fullmatch(call.result):
            yield Pair(call.callee, release.callee, Undone.RESULT)
            return
        if are_counterparts(call.callee, release.callee) and not operands.isdisjoint(_operands(call)):
            yield Pair(call.callee, release.callee, Undone.ARGUMENT)
            return


def _undone_elsewhere(functions: tuple[FunctionEvents, ...]) -> Iterator[Pair]:
    """Fields that one function of a file fills and another, named for it, releases."""
    filled: dict[bytes, list[str]] = {}
    for function in functions:
        for call in function.calls:
            field = _field(call.result)
            if field and not call.member and not _CONVERSION.search(call.callee):
                filled.setdefault(field, []).append(call.callee)
    for function in functions:
        if filled and _TEARS_DOWN.search(function.name):
            yield from _fields_released(function, filled)


def _fields_released(function: FunctionEvents, filled: dict[bytes, list[str]]) -> Iterator[Pair]:
    for release in function.calls:
        if _may_release(release) and not release.cleanup:
            for operand in _operands(release):
                for acquire in dict.fromkeys(filled.get(_field(operand), ())):
                    if acquire != release.callee:
                        yield Pair(acquire, release.callee, Undone.FILE)


def _may_release(call: CallEvent) -> bool:
    """What is given a text reports."""
    return (
        call.statement
        and not call.member
        and bool(call.arguments)
        and may_undo(call.callee)
        and not _NO_RELEASE.search(call.callee)
        and not any(argument.startswith(b'"') or b' "' in argument for argument in call.arguments)
    )


def _operands(call: CallEvent) -> frozenset[bytes]:
    """The first two arguments, where they are things and not numbers; the second for `free(pool, p)`."""
    return frozenset(one for one in call.arguments[:2] if len(one) < 60 and _OPERAND.fullmatch(one) and one != b"NULL")


def _field(operand: bytes) -> bytes:
    """`lamp->room.clock` -> `room.clock`"""
    return operand.rpartition(b"->")[2] if b"->" in operand else b""
