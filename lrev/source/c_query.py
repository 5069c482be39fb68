"""Tree-sitter queries over C, for those who bring their own: the pattern language of
https://tree-sitter.github.io/tree-sitter/using-parsers/queries, with the node names of tree-sitter-c."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Query, QueryCursor, QueryError

from lrev.source.c_nodes import text
from lrev.source.c_tree import ParsedC, language


@dataclass(frozen=True, slots=True)
class Captured:
    """What one name of a pattern caught: `line` counts from 1, `start` is the byte where it begins."""

    line: int
    start: int
    text: str


def compiled(pattern: str) -> Query:
    """Raises ValueError for a pattern that is none, with the place."""
    try:
        return Query(language(), pattern)
    except QueryError as error:
        raise ValueError(str(error)) from error


def capture_names(query: Query) -> frozenset[str]:
    return frozenset(query.capture_name(at) for at in range(query.capture_count))


def found(query: Query, parsed: ParsedC) -> Iterator[Mapping[str, Captured]]:
    """Every match in the order of the text; of a name that caught several nodes, the first."""
    matches = QueryCursor(query).matches(parsed.root)
    caught = [{name: nodes[0] for name, nodes in one.items() if nodes} for _, one in matches]
    for one in sorted(caught, key=lambda nodes: min((node.start_byte for node in nodes.values()), default=0)):
        yield {
            name: Captured(node.start_point.row + 1, node.start_byte, text(node, parsed.data))
            for name, node in one.items()
        }
