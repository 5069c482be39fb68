"""Where names are defined: in the index, but for the files that a series changes, which are read as it leaves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lrev.indexing.found import Definition, definition_order
from lrev.retrieve.subject import C_SUFFIXES, Subject
from lrev.source.c_code import parse, symbols
from lrev.types import Symbol, SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.reader import Index
    from lrev.retrieve.seen import Seen

CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO, SymbolKind.DECLARATION)
VALUES = (SymbolKind.MACRO, SymbolKind.ENUMERATOR, SymbolKind.GLOBAL)
TYPES = (SymbolKind.STRUCT, SymbolKind.UNION)


@dataclass(frozen=True)
class Definitions:
    """`subjects` are files of the patch that is looked at, which have been parsed already."""

    index: Index
    seen: Seen
    subjects: tuple[Subject, ...]

    def of(self, name: str, kinds: Sequence[SymbolKind]) -> tuple[Definition, ...]:
        """The one most likely meant first."""
        indexed = [one for one in self.index.definitions(name, kinds) if one.path not in self.seen.changed]
        changed = [one for one in self._changed.get(name, ()) if one.symbol.kind in kinds]
        return tuple(sorted((*indexed, *changed), key=definition_order)) if changed else tuple(indexed)

    @cached_property
    def _changed(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for path, symbol in self._symbols():
            found.setdefault(symbol.name, []).append(Definition(symbol, "", path))
        return found

    def _symbols(self) -> Iterator[tuple[str, Symbol]]:
        parsed = {one.path: one.symbols for one in self.subjects}
        for path, data in self.seen.changed.items():
            if path in parsed:
                yield from ((path, symbol) for symbol in parsed[path])
            elif data is not None and path.endswith(C_SUFFIXES):
                yield from ((path, symbol) for symbol in symbols(parse(data), ""))
