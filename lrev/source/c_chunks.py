"""A C file cut into what is searched: functions with their comments, types, and runs of macros."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lrev.source.c_tree import ParsedC, captures, function_name_node, span
from lrev.types import Chunk, ChunkKind, Span

# The default embedder reads about this much of one text; the overlap keeps a statement at the border whole.
MAX_LINES = 60
OVERLAP_LINES = 5

_TYPES = """
(struct_specifier name: (type_identifier) @name body: (_)) @node
(union_specifier name: (type_identifier) @name body: (_)) @node
(enum_specifier name: (type_identifier) @name body: (_)) @node
(type_definition type: (_ body: (_)) declarator: (type_identifier) @name) @node
"""
_UNNAMED_ENUMS = "(enum_specifier !name body: (enumerator_list . (enumerator name: (identifier) @name))) @node"
_MACROS = """
(preproc_def name: (identifier) @name) @node
(preproc_function_def name: (identifier) @name) @node
"""


def chunks(parsed: ParsedC, blob: str) -> tuple[Chunk, ...]:
    """In order of the text. Types and macros inside a function are part of its chunk."""
    found = [*_functions(parsed, blob), *_types(parsed, blob), *_macros(parsed, blob)]
    return tuple(sorted(found, key=lambda chunk: (chunk.span.start, chunk.span.end)))


def _functions(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    for node in parsed.functions:
        name = function_name_node(node)
        if name is not None:
            yield from _cut(parsed, blob, ChunkKind.FUNCTION, parsed.text(name), _with_comment(node))


def _types(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    last = 0
    nodes = [*captures(_TYPES, parsed.root), *captures(_UNNAMED_ENUMS, parsed.root)]
    inside = _lines_of_functions(parsed)
    for found in sorted(nodes, key=lambda one: (one["node"][0].start_byte, -one["node"][0].end_byte)):
        node = found["node"][0]
        if node.start_byte < last or node.start_point.row + 1 in inside:
            continue  # part of an outer type or of a function
        last = node.end_byte
        yield from _cut(parsed, blob, ChunkKind.TYPE, parsed.text(found["name"][0]), _with_comment(_statement(node)))


def _macros(parsed: ParsedC, blob: str) -> Iterator[Chunk]:
    """Macros with at most a comment or a blank line between them go together, named for the first."""
    inside = _lines_of_functions(parsed)
    group: Span | None = None
    name = ""
    for found in captures(_MACROS, parsed.root):
        lines = _with_comment(found["node"][0])
        if lines.start in inside:
            continue
        if group is not None and lines.start <= group.end + 2 and lines.end - group.start < MAX_LINES:
            group = Span(group.start, max(group.end, lines.end))
            continue
        if group is not None:
            yield from _cut(parsed, blob, ChunkKind.MACRO, name, group)
        group, name = lines, parsed.text(found["name"][0])
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
        part = Span(start, end)
        yield Chunk(kind, name, blob, part, parsed.lines(part))
        if end == lines.end:
            return
        start = end + 1 - OVERLAP_LINES
