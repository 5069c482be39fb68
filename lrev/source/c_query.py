"""Tree-sitter queries over C, for those who bring their own: the pattern language of
https://tree-sitter.github.io/tree-sitter/using-parsers/queries, with the node names of tree-sitter-c."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Query, QueryCursor, QueryError

from lrev.source.c_nodes import text
from lrev.source.c_tree import ParsedC, language

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[()\[\]]')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_EQUAL = re.compile(r'\(#(?:eq|any-of)\?\s+@\w+((?:\s+"(?:[^"\\]|\\.)*")+)\s*\)')


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


@dataclass(frozen=True)
class Pattern:
    """A query that is compiled when it is first needed, which for a long one takes tens of milliseconds."""

    text: str

    @cached_property
    def query(self) -> Query:
        """Raises ValueError for text that is no query."""
        return compiled(self.text)

    @cached_property
    def _words(self) -> tuple[frozenset[str], ...]:
        """For each of its patterns, words of which one must stand in whatever it matches; empty where none must."""
        return tuple(map(_needed, _parts(self.text)))

    def may_match(self, text: str) -> bool:
        """False only if the query cannot match in the text."""
        return any(not words or any(word in text for word in words) for words in self._words)


def _parts(text: str) -> Iterator[str]:
    """The patterns of a query, which stand side by side."""
    depth = start = 0
    for found in _TOKEN.finditer(text):
        if found[0] in "([":
            start = found.start() if depth == 0 else start
            depth += 1
        elif found[0] in ")]":
            depth -= 1
            if depth == 0:
                yield text[start : found.end()]


def _needed(part: str) -> frozenset[str]:
    """The strings that a captured text is compared with: the shortest list, for all conditions must hold."""
    lists = [_STRING.findall(found[1]) for found in _EQUAL.finditer(part)]
    return frozenset(min((one for one in lists if one), key=len, default=()))


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
