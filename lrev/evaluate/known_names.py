"""Which names a tree knows, and where a name stands in a text: as a whole word, a file also by the end of its path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lrev.evaluate.naming import Name, NameKind
from lrev.indexing.layout import KIND_CODES
from lrev.indexing.reader import Index
from lrev.types import ChunkKind, FactKind, SymbolKind

# More files than these share names such as core.c, of which a reviewer means the one at hand.
_MAX_SAME_NAME = 3
# Headers are spoken of as they are included.
_INCLUDE = ("", "include/", "include/uapi/")
_DOCUMENT_SUFFIXES = ("", ".rst", ".txt", ".yaml")
# Programs bring definitions of their own.
_ASIDE = ("tools/", "samples/", "scripts/", "Documentation/")
_SHARED = re.compile(r"include/(?!uapi/|xen/)")
# User mode Linux exports the C library to itself.
_USER_MODE = "arch/um/"
# Every folder has one, and each reviewer means another.
_EVERYWHERE = frozenset({"Kconfig", "Makefile", "Kbuild"})
_DEFINED = frozenset(SymbolKind) - {SymbolKind.CONFIG, SymbolKind.MAINTAINERS}
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class KnownNames:
    """The names of one tree of an index."""

    index: Index
    tree: str

    def known(self, name: Name) -> Name | None:
        """The name as the tree has it, a file by as much of its path as was given; None when it has not."""
        if name.kind is NameKind.SYMBOL:
            return name if self._is_defined(name.text) else self._option(name.text)
        if name.kind is NameKind.CALLED:
            return name if self._is_shared_function(name.text) else None
        if name.kind is NameKind.CONFIG:
            return self._option(name.text)
        return self._file(name)

    def _option(self, text: str) -> Name | None:
        """A Kconfig symbol is spoken of with its prefix and without."""
        known = self.index.definitions(f"CONFIG_{text}", (SymbolKind.CONFIG,))
        return Name(NameKind.CONFIG, text) if known else None

    def _is_defined(self, text: str) -> bool:
        """Defined, or the member of a type; a name that stands for a local variable only is no knowledge."""
        if any(not one.path.startswith(_ASIDE) for one in self.index.definitions(text, _DEFINED)):
            return True
        return any(segment.mentions(text, (KIND_CODES[ChunkKind.TYPE],)) for segment in self.index.segments)

    def _is_shared_function(self, text: str) -> bool:
        """Offered to all of the kernel: each driver has a probe(), and read() is a call of user space."""
        exports = (fact.blob for fact in self.index.facts(text) if fact.kind is FactKind.EXPORTED)
        if any(not place.path.startswith(_USER_MODE) for blob in exports for place in self.index.locate(blob)):
            return True
        return any(_SHARED.match(one.path) for one in self.index.definitions(text, _CALLABLE))

    def _file(self, name: Name) -> Name | None:
        if name.text in _EVERYWHERE:
            return None
        suffixes = _DOCUMENT_SUFFIXES if name.kind is NameKind.DOCUMENT else ("",)
        stems = ("",) if name.kind is NameKind.DOCUMENT else _INCLUDE
        for suffix in suffixes:
            if any(f"{stem}{name.text}{suffix}" in self._paths for stem in stems):
                return Name(name.kind, name.text + suffix)
        same = self._by_name.get(name.text, 0) if "/" not in name.text else 0
        return name if 0 < same <= _MAX_SAME_NAME else None

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(file.path for file in self.index.listing.files(self.tree))

    @cached_property
    def _by_name(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for path in self._paths:
            base = path.rpartition("/")[2]
            counts[base] = counts.get(base, 0) + 1
        return counts


class Words:
    """The words of texts, to tell which names stand in them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._text = "\n".join(texts)
        self._words = frozenset(_WORD.findall(self._text))

    def __contains__(self, name: Name) -> bool:
        if name.kind is NameKind.CONFIG:
            return name.text in self._words or f"CONFIG_{name.text}" in self._words
        if name.kind in (NameKind.SYMBOL, NameKind.CALLED):
            return name.text in self._words
        return re.search(rf"(?<![\w.+,-]){re.escape(name.text)}(?![\w/-])", self._text) is not None
