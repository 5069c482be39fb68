"""What a C file says or shows of its functions: results, locks, and the sentences of kernel-doc."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tree_sitter import Node

from lrev.source.c_docs import documented
from lrev.source.c_events import FunctionEvents, events
from lrev.source.c_locks import left_locked
from lrev.source.c_nodes import declared
from lrev.source.c_tree import ParsedC
from lrev.types import SOME_PATHS, Fact, FactKind, FactOrigin

_ERRNO = re.compile(r"^\(?-\s*(E[A-Z0-9]{2,})\)?$")
_ERR_PTR = re.compile(r"^(?:IOMEM_)?ERR_(?:PTR|CAST)\s*\((.*)\)$", re.DOTALL)
_NULL = re.compile(r"^(?:\([^()]*\*\s*\)\s*)?(?:NULL)$")
_SET = re.compile(rb"\b(\w+)\s*=\s*(NULL|(?:IOMEM_)?ERR_(?:PTR|CAST)\s*\([^;]*\)|-\s*E[A-Z0-9]{2,})\s*[;,]")
_LOCKDEP = re.compile(rb"\blockdep_assert_held\w*\s*\(\s*((?:[^()]|\([^()]*\))+?)\s*\)\s*;")
_ANNOTATION = re.compile(
    rb"\b__(acquires|releases|must_hold|must_check|malloc|rcu)\b(?:\s*\(\s*((?:[^()]|\([^()]*\))+?)\s*\))?"
)
_EXPORT = re.compile(rb"^[ \t]*(EXPORT_(?:PER_CPU_|UNUSED_|TRACEPOINT_)?SYMBOL\w*)\s*\(\s*(\w+)", re.MULTILINE)
_ANNOTATIONS = {
    b"acquires": FactKind.ACQUIRES,
    b"releases": FactKind.RELEASES,
    b"must_hold": FactKind.LOCK_HELD,
    b"must_check": FactKind.MUST_CHECK,
    b"malloc": FactKind.RETURNS_ALLOCATION,
    b"rcu": FactKind.RCU,
}


def facts(parsed: ParsedC, blob: str, functions: tuple[FunctionEvents, ...] | None = None) -> tuple[Fact, ...]:
    """Sorted by line. Each fact once for a function. `functions` are the file's events, if they are at hand."""
    read = events(parsed) if functions is None else functions
    found = [*_of_functions(parsed, blob, read), *_of_prototypes(parsed, blob), *documented(parsed, blob)]
    found += [*_exported(parsed, blob)]
    return tuple(sorted(dict.fromkeys(found), key=lambda fact: (fact.line, fact.kind.value, fact.detail)))


def _of_functions(parsed: ParsedC, blob: str, functions: tuple[FunctionEvents, ...]) -> Iterator[Fact]:
    returns = parsed.marked("return")
    starts = [node.start_byte for node in returns]
    for function in functions:
        node, body = function.node, function.node.child_by_field_name("body")
        if body is None:
            continue
        own = returns[bisect_left(starts, body.start_byte) : bisect_left(starts, body.end_byte)]
        direct = tuple(_returned(parsed, blob, function.name, own))
        yield from direct
        yield from _held(function, blob, parsed.line(body.start_byte), {fact.kind for fact in direct})
        if not node.has_error:
            yield from left_locked(function, blob)
        for lock in _LOCKDEP.finditer(parsed.data, body.start_byte, body.end_byte):
            held = Fact(function.name, FactKind.LOCK_HELD, _folded(lock[1]), FactOrigin.DECLARED, blob, 0)
            yield replace(held, line=parsed.line(lock.start()))
        kind = node.child_by_field_name("type")
        if kind is not None and kind.text == b"bool" and b"*" not in parsed.data[kind.end_byte : body.start_byte][:2]:
            line = node.start_point.row + 1
            yield Fact(function.name, FactKind.RETURNS_BOOL, "", FactOrigin.DECLARED, blob, line)
        yield from _annotated(parsed, blob, function.name, node, body.start_byte)


def _returned(parsed: ParsedC, blob: str, function: str, returns: Sequence[Node]) -> Iterator[Fact]:
    """One fact a kind: the names of all errors, at the line of the first."""
    lines: dict[FactKind, int] = {}
    names: dict[FactKind, list[str]] = {}
    for node in returns:
        for value in (one for child in node.named_children[:1] for one in _values(child)):
            told = _told(parsed.text(value))
            if told is not None:
                kind, detail = told
                lines.setdefault(kind, value.start_point.row + 1)
                names.setdefault(kind, []).append(detail)
    for kind, line in lines.items():
        detail = ", ".join(dict.fromkeys(name for name in names[kind] if name))
        yield Fact(function, kind, detail, FactOrigin.READ, blob, line)


def _held(function: FunctionEvents, blob: str, first: int, told: set[FactKind]) -> Iterator[Fact]:
    """What a variable was set to that is returned; another value may have taken its place by then."""
    lines: dict[FactKind, int] = {}
    names: dict[FactKind, list[str]] = {}
    for found in _SET.finditer(function.body) if function.returned else ():
        told_of = _told(found[2].decode("latin-1")) if found[1] in function.returned else None
        if told_of is not None and told_of[0] not in told:
            lines.setdefault(told_of[0], first + function.body.count(b"\n", 0, found.start()))
            names.setdefault(told_of[0], []).append(told_of[1])
    for kind, line in lines.items():
        detail = ", ".join(dict.fromkeys(name for name in names[kind] if name))
        yield Fact(function.name, kind, detail, FactOrigin.READ, blob, line, SOME_PATHS)


def _values(value: Node) -> Iterator[Node]:
    """Both ends of `a ? b : c`, out of parentheses."""
    while value.type == "parenthesized_expression" and value.named_children:
        value = value.named_children[0]
    if value.type != "conditional_expression":
        yield value
        return
    for field in ("consequence", "alternative"):
        one = value.child_by_field_name(field)
        if one is not None:
            yield from _values(one)


def _told(text: str) -> tuple[FactKind, str] | None:
    errno, pointer = _ERRNO.match(text), _ERR_PTR.match(text)
    if errno:
        return FactKind.RETURNS_ERRNO, f"-{errno[1]}"
    if pointer:
        named = _ERRNO.match(pointer[1].strip())
        return FactKind.RETURNS_ERR_PTR, f"-{named[1]}" if named else ""
    return (FactKind.RETURNS_NULL, "NULL") if _NULL.match(text) else None


def _annotated(parsed: ParsedC, blob: str, function: str, node: Node, end: int) -> Iterator[Fact]:
    """Annotations before and behind the parameter list; the tree does not have them, the text does."""
    start = parsed.data.rfind(b"\n", 0, node.start_byte) + 1
    for found in _ANNOTATION.finditer(parsed.data, start, end):
        line = 1 + parsed.data.count(b"\n", 0, found.start())
        detail = _folded(found[2]) if found[2] else ""
        if found[1] == b"rcu":
            detail = _which(parsed.data[start : found.start()])
        yield Fact(function, _ANNOTATIONS[found[1]], detail, FactOrigin.DECLARED, blob, line)


def _which(before: bytes) -> str:
    """What the pointer is whose type is written up to here."""
    if b"(" not in before:
        return "result"
    return f"argument {before.count(b',', before.index(b'(')) + 1}"


def _of_prototypes(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    for node in parsed.marked("declaration"):
        if b"__" not in parsed.data[node.start_byte : node.end_byte]:
            continue
        for declarator in node.children_by_field_name("declarator"):
            name = declared(declarator)
            if name is not None and b"(" in parsed.data[name.end_byte : node.end_byte]:
                yield from _annotated(parsed, blob, parsed.text(name), node, node.end_byte)


def _exported(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    for found in _EXPORT.finditer(parsed.data):
        detail = found[1].decode()
        yield Fact(found[2].decode(), FactKind.EXPORTED, detail, FactOrigin.DECLARED, blob, parsed.line(found.start()))


def _folded(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())
