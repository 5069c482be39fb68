"""What a C file says or shows of its functions: results, locks, and the sentences of kernel-doc."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.source.c_nodes import declared
from lrev.source.c_tree import ParsedC, captures, function_name_node
from lrev.types import Fact, FactKind, FactOrigin

_RETURNS = "(return_statement (_) @value)"
_PROTOTYPES = "(declaration declarator: (_) @declarator) @declaration"
_ERRNO = re.compile(r"^\(?-\s*(E[A-Z0-9]{2,})\)?$")
_ERR_PTR = re.compile(r"^ERR_(?:PTR|CAST)\s*\((.*)\)$", re.DOTALL)
_NULL = re.compile(r"^(?:\([^()]*\*\s*\)\s*)?(?:NULL)$")
_LOCKDEP = re.compile(rb"\blockdep_assert_held\w*\s*\(\s*((?:[^()]|\([^()]*\))+?)\s*\)\s*;")
_ANNOTATION = re.compile(rb"\b__(acquires|releases|must_hold|must_check)\b(?:\s*\(\s*((?:[^()]|\([^()]*\))+?)\s*\))?")
_ANNOTATIONS = {
    b"acquires": FactKind.ACQUIRES,
    b"releases": FactKind.RELEASES,
    b"must_hold": FactKind.LOCK_HELD,
    b"must_check": FactKind.MUST_CHECK,
}
_DOC = re.compile(rb"/\*\*[ \t]*\n(?P<body>.*?)\*/", re.DOTALL)
_DOC_NAME = re.compile(r"^\s*\*?\s*([A-Za-z_]\w*)(?:\(\))?\s*(?:-|:|$)")
_DOC_SECTION = re.compile(r"^\s*\*\s*(Returns?|Context|Locking)\s*:\s*(.*)$", re.IGNORECASE)
_DOC_OTHER = re.compile(r"^\s*\*\s*(?:@\w+\s*:|[A-Z][\w ]{2,20}:(?:\s|$))")
# A sentence or two; what follows is usually a list of every error.
MAX_DETAIL_CHARACTERS = 300


def facts(parsed: ParsedC, blob: str) -> tuple[Fact, ...]:
    """Sorted by line. Each fact once for a function."""
    found = [*_of_functions(parsed, blob), *_of_prototypes(parsed, blob), *_of_comments(parsed, blob)]
    return tuple(sorted(dict.fromkeys(found), key=lambda fact: (fact.line, fact.kind.value, fact.detail)))


def _of_functions(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    for node in parsed.functions:
        name, body = function_name_node(node), node.child_by_field_name("body")
        if name is None or body is None:
            continue
        function = parsed.text(name)
        yield from _returned(parsed, blob, function, body)
        for lock in _LOCKDEP.finditer(parsed.data, body.start_byte, body.end_byte):
            line = body.start_point.row + 1 + parsed.data.count(b"\n", body.start_byte, lock.start())
            yield Fact(function, FactKind.LOCK_HELD, _folded(lock[1]), FactOrigin.DECLARED, blob, line)
        yield from _annotated(parsed, blob, function, node, body.start_byte)


def _returned(parsed: ParsedC, blob: str, function: str, body: Node) -> Iterator[Fact]:
    """One fact a kind: the names of all errors, at the line of the first."""
    lines: dict[FactKind, int] = {}
    names: dict[FactKind, list[str]] = {}
    for found in captures(_RETURNS, body):
        for value in _values(found["value"][0]):
            told = _told(parsed.text(value))
            if told is not None:
                kind, detail = told
                lines.setdefault(kind, value.start_point.row + 1)
                names.setdefault(kind, []).append(detail)
    for kind, line in lines.items():
        detail = ", ".join(dict.fromkeys(name for name in names[kind] if name))
        yield Fact(function, kind, detail, FactOrigin.READ, blob, line)


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
        yield Fact(function, _ANNOTATIONS[found[1]], detail, FactOrigin.DECLARED, blob, line)


def _of_prototypes(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    for found in captures(_PROTOTYPES, parsed.root):
        declaration = found["declaration"][0]
        if b"__" not in parsed.data[declaration.start_byte : declaration.end_byte]:
            continue
        name = declared(found["declarator"][0])
        if name is not None and "function_declarator" in str(found["declarator"][0]):
            yield from _annotated(parsed, blob, parsed.text(name), declaration, declaration.end_byte)


def _of_comments(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    known = {parsed.text(name) for node in parsed.functions if (name := function_name_node(node)) is not None}
    for comment in _DOC.finditer(parsed.data):
        first = 2 + parsed.data.count(b"\n", 0, comment.start())
        lines = comment["body"].decode("utf-8", "replace").split("\n")
        named = _DOC_NAME.match(lines[0])
        documented = named is not None and (named[1] in known or "()" in lines[0] or "-" in lines[0])
        if named is not None and documented:
            yield from _sections(lines, named[1], blob, first)


def _sections(lines: list[str], function: str, blob: str, first: int) -> Iterator[Fact]:
    at = 0
    while at < len(lines):
        section = _DOC_SECTION.match(lines[at])
        start = at
        at += 1
        if section is None:
            continue
        words = [section[2]]
        while at < len(lines) and lines[at].strip(" *\t") and not _DOC_OTHER.match(lines[at]):
            words.append(lines[at].strip(" *\t"))
            at += 1
        kind = FactKind.DOC_RETURN if section[1].lower().startswith("return") else FactKind.DOC_CONTEXT
        detail = " ".join(" ".join(words).split())[:MAX_DETAIL_CHARACTERS]
        if detail:
            yield Fact(function, kind, detail, FactOrigin.DECLARED, blob, first + start)


def _folded(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())
