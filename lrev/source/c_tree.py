"""C by its grammar: the parsed file, and the small questions every reader of it asks."""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from lrev.source.c_nodes import NAMES, declared
from lrev.source.c_spelling import one_branch, respell
from lrev.source.mail_text import decode_bytes
from lrev.types import Span

_LINE_FEED = re.compile(rb"\n")
# An error can make the grammar take a statement for a definition.
_KEYWORDS = frozenset({"if", "for", "while", "switch", "return", "else", "do", "sizeof", "defined"})
# Everything that any reader of a file asks for, found in one pass; a query for each takes five times as long.
# Declarations of a file stand in the file itself or in its conditional parts, never in a function.
_MARKS = """
(function_definition) @function
(preproc_def) @macro
(preproc_function_def) @macro
(struct_specifier body: (_)) @struct
(union_specifier body: (_)) @union
(enum_specifier body: (_)) @enum
(enumerator) @enumerator
(type_definition) @typedef
(translation_unit (declaration) @declaration)
(preproc_if (declaration) @declaration)
(preproc_ifdef (declaration) @declaration)
(preproc_else (declaration) @declaration)
(preproc_elif (declaration) @declaration)
(linkage_specification body: (declaration_list (declaration) @declaration))
(call_expression function: (identifier)) @call
(call_expression function: (field_expression)) @member_call
(expression_statement (call_expression)) @called
(assignment_expression right: (call_expression)) @assigned
(init_declarator value: (call_expression)) @assigned
(return_statement) @return
(goto_statement) @goto
(labeled_statement) @label
(if_statement) @if
(switch_statement body: (_) @branch)
(for_statement body: (_) @loop)
(while_statement body: (_) @loop)
(conditional_expression consequence: (_) @branch)
(conditional_expression alternative: (_) @branch)
(binary_expression operator: ["&&" "||"] right: (_) @branch)
(initializer_pair designator: (field_designator) value: (identifier)) @field
"""


@dataclass(frozen=True, slots=True)
class ParsedC:
    """`tree` spans `data` byte by byte, though it was made from a respelled copy: take text from `data` only.

    `functions` are the function_definition nodes in order; `iterators` the bytes where a `while_statement` begins
    that is an iterator macro in `data`; `line_starts` the byte at which each line begins; `marks` the nodes by what
    they were asked for as, in order.
    """

    data: bytes
    tree: Tree
    functions: tuple[Node, ...]
    iterators: frozenset[int]
    line_starts: tuple[int, ...]
    marks: Mapping[str, list[Node]]

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def text(self, node: Node) -> str:
        return decode_bytes(self.data[node.start_byte : node.end_byte])

    def marked(self, name: str) -> list[Node]:
        return self.marks.get(name, [])

    def line(self, at: int) -> int:
        """The line, from 1, of a byte."""
        return bisect.bisect_right(self.line_starts, at)

    def lines(self, span: Span) -> str:
        """The lines of `span`, joined by line feeds, without the last one's line end."""
        start = self.line_starts[span.start - 1]
        end = self.line_starts[span.end] - 1 if span.end < len(self.line_starts) else len(self.data)
        return decode_bytes(self.data[start:end].replace(b"\r\n", b"\n").removesuffix(b"\r"))


@cache
def language() -> Language:
    return Language(tree_sitter_c.language())


@cache
def _query() -> Query:
    return Query(language(), _MARKS)


def parse(data: bytes) -> ParsedC:
    """Never fails: where the grammar is lost, nodes have errors and functions are not whole."""
    respelled, iterators = respell(data)
    tree = Parser(language()).parse(respelled)
    marks = _marks(tree)
    functions = _functions(marks)
    broken = [node for node in functions if node.has_error]
    if broken:
        # Conditional compilation may cut a statement or leave braces unpaired.
        for node in broken:
            respelled = one_branch(respelled, node.start_byte, node.end_byte)
        tree = Parser(language()).parse(respelled)
        marks = _marks(tree)
        functions = _functions(marks)
    starts = (0, *(found.end() for found in _LINE_FEED.finditer(data)))
    return ParsedC(data, tree, functions, iterators, starts, marks)


def _marks(tree: Tree) -> dict[str, list[Node]]:
    """In order of the text, outer before inner; the library gives them in none."""
    found = QueryCursor(_query()).captures(tree.root_node)
    return {name: sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte)) for name, nodes in found.items()}


def _functions(marks: Mapping[str, list[Node]]) -> tuple[Node, ...]:
    functions: list[Node] = []
    for node in marks.get("function", []):
        if function_name_node(node) is not None and not (functions and node.start_byte < functions[-1].end_byte):
            functions.append(node)
    return tuple(functions)


def span(node: Node) -> Span:
    """A node that ends with a line feed, as directives do, ends on the line before."""
    end = node.end_point
    last = end.row if end.column == 0 and end.row > node.start_point.row else end.row + 1
    return Span(node.start_point.row + 1, last)


def function_declarator(node: Node) -> Node | None:
    """The declarator with the parameters that belong to the function's own name."""
    found = None
    inner = node.child_by_field_name("declarator")
    while inner is not None and inner.type not in NAMES:
        if inner.type == "function_declarator":
            found = inner
        below = inner.child_by_field_name("declarator")
        if below is None and inner.type == "parenthesized_declarator":
            below = next(iter(inner.named_children), None)
        inner = below
    return found


def function_name_node(node: Node) -> Node | None:
    """The name of a function_definition, None for what an error made look like one."""
    declarator = function_declarator(node)
    name = declared(declarator)
    if name is None or name.text is None or name.text.decode("latin-1") in _KEYWORDS:
        return None
    return name


def is_static(node: Node) -> bool:
    return any(child.type == "storage_class_specifier" and child.text == b"static" for child in node.children)
