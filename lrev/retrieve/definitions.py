"""Where names are defined: in the index, but for the files that a series changes, which are read as it leaves them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lrev.indexing.found import Definition, definition_order
from lrev.retrieve.subject import FileText
from lrev.types import Symbol, SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.reader import Index
    from lrev.retrieve.seen import Seen

CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO, SymbolKind.DECLARATION)
VALUES = (SymbolKind.MACRO, SymbolKind.ENUMERATOR, SymbolKind.GLOBAL)
TYPES = (SymbolKind.STRUCT, SymbolKind.UNION)
_COMMON_ARCH = "arch/x86"


@dataclass(frozen=True)
class Definitions:
    """`files` are those of the patch that is looked at, by path, which may have been parsed already."""

    index: Index
    seen: Seen
    files: Mapping[str, FileText]

    def of(self, name: str, kinds: Sequence[SymbolKind], near: str) -> tuple[Definition, ...]:
        """The one most likely meant in the file `near` first."""
        indexed = [one for one in self.index.definitions(name, kinds) if one.path not in self.seen.changed]
        changed = [one for one in self._changed.get(name, ()) if one.symbol.kind in kinds]
        return tuple(sorted((*indexed, *changed), key=lambda one: (distance(one.path, near), definition_order(one))))

    @cached_property
    def _changed(self) -> dict[str, list[Definition]]:
        found: dict[str, list[Definition]] = {}
        for path, symbol in self._symbols():
            found.setdefault(symbol.name, []).append(Definition(symbol, "", path))
        return found

    def _symbols(self) -> Iterator[tuple[str, Symbol]]:
        for path, data in self.seen.changed.items():
            file = self.files.get(path) or (FileText(path, data) if data is not None else None)
            yield from ((path, symbol) for symbol in (file.symbols if file is not None else ()))


def distance(path: str, from_path: str) -> tuple[bool, int, bool]:
    """The file itself, then code for all architectures or the same one, then that of the one most people build."""
    folder, from_folder = path.rpartition("/")[0], from_path.rpartition("/")[0]
    arch = "/".join(path.split("/")[:2]) if path.startswith("arch/") else ""
    foreign = 0 if not arch or from_path.startswith(f"{arch}/") else 1 if arch == _COMMON_ARCH else 2
    return path != from_path, foreign, folder != from_folder
