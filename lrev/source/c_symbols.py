"""The definitions and declarations of a C file, for looking up by name."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lrev.source.c_nodes import declared
from lrev.source.c_tree import ParsedC, function_name_node, is_static, span
from lrev.types import Symbol, SymbolKind

# A signature is shown on one or two lines; the rest of a long parameter list or macro tells little.
MAX_SIGNATURE_CHARACTERS = 240

_DEFINED = {
    "macro": SymbolKind.MACRO,
    "struct": SymbolKind.STRUCT,
    "union": SymbolKind.UNION,
    "enum": SymbolKind.ENUM,
    "enumerator": SymbolKind.ENUMERATOR,
}


def symbols(parsed: ParsedC, blob: str) -> tuple[Symbol, ...]:
    """In order of the text; a name may stand there twice, in two branches of a conditional."""
    found = [*_functions(parsed, blob), *_definitions(parsed, blob)]
    found += [*_typedefs(parsed, blob), *_declarations(parsed, blob)]
    return tuple(sorted(set(found), key=lambda one: (one.span.start, one.span.end, one.name, one.kind.value)))


def _functions(parsed: ParsedC, blob: str) -> Iterator[Symbol]:
    for node in parsed.functions:
        name, body = function_name_node(node), node.child_by_field_name("body")
        if name is not None:
            head = _folded(parsed, node.start_byte, body.start_byte if body is not None else node.end_byte)
            yield Symbol(parsed.text(name), SymbolKind.FUNCTION, blob, span(node), is_static(node), head)


def _definitions(parsed: ParsedC, blob: str) -> Iterator[Symbol]:
    for mark, kind in _DEFINED.items():
        for node in parsed.marked(mark):
            name = node.child_by_field_name("name")
            if name is None:
                continue
            body = node.child_by_field_name("body")
            head = _folded(parsed, node.start_byte, body.start_byte if body is not None else node.end_byte)
            yield Symbol(parsed.text(name), kind, blob, span(node), False, head)


def _typedefs(parsed: ParsedC, blob: str) -> Iterator[Symbol]:
    for node in parsed.marked("typedef"):
        kind = node.child_by_field_name("type")
        body = kind.child_by_field_name("body") if kind is not None else None
        for declarator in node.children_by_field_name("declarator"):
            name = declared(declarator)
            if name is not None:
                head = _folded(parsed, node.start_byte, body.start_byte if body is not None else node.end_byte)
                yield Symbol(parsed.text(name), SymbolKind.TYPEDEF, blob, span(node), False, head)


def _declarations(parsed: ParsedC, blob: str) -> Iterator[Symbol]:
    for node in parsed.marked("declaration"):
        if _in_function(node):
            continue
        for declarator in node.children_by_field_name("declarator"):
            name = declared(declarator)
            if name is None or not name.text:
                continue
            prototype = declarator.type != "init_declarator" and _is_prototype(declarator)
            kind = SymbolKind.DECLARATION if prototype else SymbolKind.GLOBAL
            value = declarator.child_by_field_name("value")
            end = value.start_byte if value is not None else node.end_byte
            head = _folded(parsed, node.start_byte, end).rstrip("= ;")
            yield Symbol(parsed.text(name), kind, blob, span(node), is_static(node), head)


def _in_function(node: Node) -> bool:
    """Conditionals inside functions hold declarations too."""
    above = node.parent
    while above is not None and above.type not in {"function_definition", "compound_statement"}:
        above = above.parent
    return above is not None


def _is_prototype(declarator: Node) -> bool:
    """`int light(int)` is, `int (*light)(int)` is a variable."""
    node: Node | None = declarator
    while node is not None and node.type == "pointer_declarator":
        node = node.child_by_field_name("declarator")
    if node is None or node.type != "function_declarator":
        return False
    inner = node.child_by_field_name("declarator")
    return inner is not None and inner.type == "identifier"


def _folded(parsed: ParsedC, start: int, end: int) -> str:
    text = parsed.data[start:end].decode("utf-8", "replace")
    return " ".join(text.replace("\\\n", " ").split())[:MAX_SIGNATURE_CHARACTERS]
