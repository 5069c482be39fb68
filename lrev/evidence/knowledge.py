"""What checks ask of the functions that are called, and the index as the one who answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Protocol

from lrev.indexing.pairs import undone_by
from lrev.indexing.results import results_used
from lrev.types import Fact, SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.found import Definition
    from lrev.indexing.reader import Index
    from lrev.source.tree import Tree

# Checks ask for the same callees on each path through a function.
_KEPT_NAMES = 4096
# A release that is missing is claimed only where nearly everybody makes it.
_LEAST_SHARE = 0.6
_LEAST_TIMES = 5
# `read` and `probe` are the names of many; which one is called cannot be told.
_MOST_BODIES = 4
# Each is read and followed.
_MOST_CALLERS = 16
_STUB_LINES = 6
_ASIDE = ("tools/", "samples/", "scripts/", "Documentation/")


@dataclass(frozen=True, slots=True)
class Caller:
    """A function of the file `path`, as written; its text begins at `first_line`."""

    name: str
    path: str
    first_line: int
    text: bytes


class Knowledge(Protocol):
    """What is known of functions that are called, from the index or the tree."""

    def facts(self, name: str, path: str, /) -> tuple[Fact, ...]:
        """Of the functions that a call by this name in the file `path` may reach."""
        ...

    def exists(self, name: str, /) -> bool: ...
    def released_by(self, name: str, /) -> str:
        """The function that undoes what this one gives, by how often the tree does so; "" when that is not clear."""
        ...

    def results_used(self, name: str, /) -> tuple[int, int]:
        """Of how many callers that were looked at how many use what it returns: (used, looked at)."""
        ...

    def callers(self, name: str, path: str, /) -> tuple[Caller, ...]:
        """Some of the functions that call one of this name defined in the file `path`."""
        ...

    def own_macro(self, name: str, path: str, /) -> bytes:
        """The macro of this name that the file itself defines, as written; empty when there is none."""
        ...

    def structs(self, name: str, /) -> tuple[bytes, ...]:
        """The definitions of a struct, as written."""
        ...

    def bodies(self, name: str, path: str, /) -> tuple[bytes, ...]:
        """The functions that a call by this name in the file `path` may reach, as written; () when not clear."""
        ...


class NoKnowledge:
    """For code that stands for itself: nothing is known of what it calls but that it is there."""

    def facts(self, _name: str, _path: str) -> tuple[Fact, ...]:
        return ()

    def exists(self, _name: str) -> bool:
        return True

    def released_by(self, _name: str) -> str:
        return ""

    def results_used(self, _name: str) -> tuple[int, int]:
        return 0, 0

    def callers(self, _name: str, _path: str) -> tuple[Caller, ...]:
        return ()

    def own_macro(self, _name: str, _path: str) -> bytes:
        return b""

    def structs(self, _name: str) -> tuple[bytes, ...]:
        return ()

    def bodies(self, _name: str, _path: str) -> tuple[bytes, ...]:
        return ()


class IndexKnowledge:
    """An open index and its tree; what they answered is kept."""

    def __init__(self, index: Index, tree: Tree) -> None:
        self._index = index
        self._tree = tree
        self.exists = lru_cache(_KEPT_NAMES)(index.exists)
        self.released_by = lru_cache(_KEPT_NAMES)(self._released_by)
        self._facts = lru_cache(_KEPT_NAMES)(index.facts)
        self.results_used = lru_cache(_KEPT_NAMES)(partial(results_used, index, tree))
        self._defined = lru_cache(_KEPT_NAMES)(self._definitions)
        self._body = lru_cache(_KEPT_NAMES)(self._read)

    def facts(self, name: str, path: str) -> tuple[Fact, ...]:
        facts = self._facts(name)
        blobs = {one.symbol.blob for one in self._defined(name)} if facts else set()
        if len(blobs) > 1:  # static functions of other files have no say
            blobs -= {one.symbol.blob for one in _with_bodies(_reached(self._defined(name), path))}
            facts = tuple(fact for fact in facts if fact.blob not in blobs)
        return facts

    def bodies(self, name: str, path: str) -> tuple[bytes, ...]:
        reached = _reached(self._defined(name), path)
        if not 0 < len(reached) <= _MOST_BODIES:
            return ()
        read = tuple(self._body(one) for one in reached)
        return read if all(read) else ()

    def callers(self, name: str, path: str) -> tuple[Caller, ...]:
        reached = _reached(self._defined(name), path)
        if len({one.path for one in reached}) != 1:
            return ()
        sites = self._index.callers(name, _MOST_CALLERS)
        static = reached[0].symbol.static and not reached[0].path.endswith(".h")
        named = {(site.call.caller, site.path) for site in sites if not static or site.path == path}
        return tuple(one for caller, where in sorted(named) for one in self._callers_in(caller, where))

    def own_macro(self, name: str, path: str) -> bytes:
        macros = (one for one in self._defined(name) if one.symbol.kind is SymbolKind.MACRO)
        return b"".join(self._body(one) for one in macros if one.path == path)

    def structs(self, name: str) -> tuple[bytes, ...]:
        return tuple(dict.fromkeys(self._body(one) for one in self._index.definitions(name, (SymbolKind.STRUCT,))))

    def _callers_in(self, name: str, path: str) -> Iterator[Caller]:
        for one in self._defined(name):
            if one.path == path and one.symbol.kind is SymbolKind.FUNCTION:
                yield Caller(name, path, one.symbol.span.start, self._body(one))

    def _released_by(self, name: str) -> str:
        for pair in undone_by(self._index, name):
            if pair.times >= _LEAST_TIMES and pair.times >= _LEAST_SHARE * pair.of:
                return pair.release
        return ""

    def _definitions(self, name: str) -> tuple[Definition, ...]:
        return self._index.definitions(name, (SymbolKind.FUNCTION, SymbolKind.MACRO))

    def _read(self, definition: Definition) -> bytes:
        data = self._tree.read(definition.path) or b""
        span = definition.symbol.span
        return b"\n".join(data.split(b"\n")[span.start - 1 : span.end]) + b"\n"


def _reached(definitions: tuple[Definition, ...], path: str) -> tuple[Definition, ...]:
    """Those of the file itself, else those that other files can see; () where one of them is a macro."""
    own = tuple(one for one in definitions if one.path == path)
    seen = own or tuple(_seen_elsewhere(definitions))
    if own and all(_is_stub(one) for one in own):
        # What stands in for a function that another configuration has from elsewhere.
        seen = tuple(dict.fromkeys((*own, *_seen_elsewhere(definitions))))
    return () if any(one.symbol.kind is SymbolKind.MACRO for one in seen) else seen


def _with_bodies(reached: tuple[Definition, ...]) -> tuple[Definition, ...]:
    """Without what a header puts in place of a function that a file has when it is configured."""
    built = tuple(one for one in reached if not one.path.endswith(".h"))
    return built if any(not one.symbol.static for one in built) else reached


def _is_stub(definition: Definition) -> bool:
    span = definition.symbol.span
    return span.end - span.start < _STUB_LINES


def _seen_elsewhere(definitions: tuple[Definition, ...]) -> Iterator[Definition]:
    for one in definitions:
        if not one.path.startswith(_ASIDE) and (not one.symbol.static or one.path.endswith(".h")):
            yield one
