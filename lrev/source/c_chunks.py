"""A C file cut into what is searched: functions with their comments, types, and runs of macros."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.source.c_tree import ParsedC, function_name_node, span
from lrev.types import Chunk, ChunkKind, Span

# The default embedder reads about this much of one text; the overlap keeps a statement at the border whole.
MAX_LINES = 60
OVERLAP_LINES = 5
# How far before the end of a part a statement's end is looked for; a blank line counts as one.
_BORDER_LINES = 16
_DEEPEST = 1000
_DOC_BLOCK = re.compile(rb"/\*\*[ \t]*\n[ \t]*\*[ \t]*DOC:[ \t]*(?P<title>[^\n]*)\n.*?\*/", re.DOTALL)


def chunks(parsed: ParsedC, blob: str) -> tuple[Chunk, ...]:
    """In order of the text. Types and macros inside a function are part of its chunk."""
    found = [*_functions(parsed, blob), *_types(parsed, blob), *_macros(parsed, blob), *_doc_blocks(parsed, blob)]
    return tuple(sorted(found, key=lambda chunk: (chunk.span.start, chunk.span.end)))


def _functions(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    for node in parsed.functions:
        name = function_name_node(node)
        if name is not None:
            yield from _cut(parsed, blob, ChunkKind.FUNCTION, parsed.text(name), _with_comment(node))


def _types(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    last = 0
    inside = _lines_of_functions(parsed)
    nodes = [node for mark in ("struct", "union", "enum", "typedef") for node in parsed.marked(mark)]
    for node in sorted(nodes, key=lambda one: (one.start_byte, -one.end_byte)):
        name = _type_name(node)
        if name is None or node.start_byte < last or node.start_point.row + 1 in inside:
            continue  # part of an outer type or of a function
        last = node.end_byte
        yield from _cut(parsed, blob, ChunkKind.TYPE, parsed.text(name), _with_comment(_statement(node)))


def _type_name(node: Node) -> Node | None:
    """Of what has a body: a tag, the name a typedef gives, or the first value of an enum without a name."""
    if node.type == "type_definition":
        kind = node.child_by_field_name("type")
        has_body = kind is not None and kind.child_by_field_name("body") is not None
        names = [name for name in node.children_by_field_name("declarator") if name.type == "type_identifier"]
        return names[0] if has_body and names else None
    name = node.child_by_field_name("name")
    if name is not None or node.type != "enum_specifier":
        return name
    body = node.child_by_field_name("body")
    first = next((one for one in body.named_children if one.type == "enumerator"), None) if body is not None else None
    return first.child_by_field_name("name") if first is not None else None


def _macros(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    """Macros with at most a comment or a blank line between them go together, named for the first."""
    inside = _lines_of_functions(parsed)
    group: Span | None = None
    name = ""
    for node in parsed.marked("macro"):
        lines = _with_comment(node)
        named = node.child_by_field_name("name")
        if lines.start in inside or named is None:
            continue
        if group is not None and lines.start <= group.end + 2 and lines.end - group.start < MAX_LINES:
            group = Span(group.start, max(group.end, lines.end))
            continue
        if group is not None:
            yield from _cut(parsed, blob, ChunkKind.MACRO, name, group)
        group, name = lines, parsed.text(named)
    if group is not None:
        yield from _cut(parsed, blob, ChunkKind.MACRO, name, group)


def _lines_of_functions(parsed: ParsedC) -> frozenset[int]:
    spans = [span(node) for node in parsed.functions]
    return frozenset(line for one in spans for line in range(one.start, one.end + 1))


def _statement(node: Node) -> Node:
    """The declaration a type specifier is part of, but for the one of a function's result."""
    above = node.parent
    return above if above is not None and above.type in {"declaration", "type_definition"} else node


def _with_comment(node: Node) -> Span:
    """The lines of `node` and of the comment that ends right above it."""
    lines = span(node)
    start = lines.start
    before = node.prev_named_sibling
    while before is not None and before.type == "comment" and span(before).end == start - 1 and _own_line(before):
        start = span(before).start
        before = before.prev_named_sibling
    return Span(start, lines.end)


def _own_line(comment: Node) -> bool:
    """A comment behind code belongs to that code."""
    before = comment.prev_sibling
    return before is None or span(before).end < comment.start_point.row + 1


def _cut(parsed: ParsedC, blob: str, kind: ChunkKind, name: str, lines: Span) -> Iterator[Chunk]:
    """Long ones in overlapping parts of the same name, none so short that the overlap is most of it."""
    start = lines.start
    while True:
        end = min(start + MAX_LINES - 1, lines.end)
        if lines.end - end <= OVERLAP_LINES:
            end = lines.end
        if end < lines.end:
            end = _border(parsed, start + MAX_LINES - _BORDER_LINES, end)
        part = Span(start, end)
        yield Chunk(kind, name, blob, part, parsed.lines(part))
        if end == lines.end:
            return
        start = end + 1 - OVERLAP_LINES


def _border(parsed: ParsedC, first: int, last: int) -> int:
    """The line from `first` to `last` behind which a cut hurts least: the end of an outermost statement, the last."""
    best, worth = last, (False, -_DEEPEST)
    for number in range(first, last + 1):
        text = parsed.data[parsed.line_starts[number - 1] : parsed.line_starts[number]].rstrip()
        ends = not text or text.endswith((b";", b"}", b"*/"))
        depth = len(text.expandtabs(8)) - len(text.expandtabs(8).lstrip()) if text else 0
        if (ends, -depth) >= worth:
            best, worth = number, (ends, -depth)
    return best


def _doc_blocks(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    """`DOC:` comments, which describe a whole file or subsystem and stand beside no definition."""
    for found in _DOC_BLOCK.finditer(parsed.data):
        lines = Span(parsed.line(found.start()), parsed.line(found.end() - 1))
        title = " ".join(found["title"].decode("utf-8", "replace").split())
        yield from _cut(parsed, blob, ChunkKind.DOCUMENT, title, lines)
