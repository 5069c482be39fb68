"""What is known of functions, with files that are not indexed in front: those a patch makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from lrev.evidence.knowledge import Caller, Knowledge
from lrev.source.c_code import facts, functions, parse, symbols
from lrev.types import Fact, FunctionSource, SymbolKind

_C_SUFFIXES = (".c", ".h")
_MOST_CALLERS = 16


class OverlaidKnowledge:
    """A function that the files define in another way than `indexed`, the same files as the index has them, is known
    by what they show alone: what was inferred of its former self may be wrong.
    """

    def __init__(
        self, base: Knowledge, files: Mapping[str, bytes | None], indexed: Mapping[str, bytes | None] | None = None
    ) -> None:
        self._base = base
        self._files = {path: data for path, data in files.items() if data is not None and path.endswith(_C_SUFFIXES)}
        self._indexed = indexed or {}

    def facts(self, name: str, path: str) -> tuple[Fact, ...]:
        return self._facts[name] if name in self._facts else self._base.facts(name, path)

    def exists(self, name: str) -> bool:
        return name in self._facts or self._base.exists(name)

    def released_by(self, name: str) -> str:
        return self._base.released_by(name)

    def results_used(self, name: str) -> tuple[int, int]:
        return self._base.results_used(name)

    def callers(self, name: str, path: str) -> tuple[Caller, ...]:
        """Of a file that is laid over, as it is there."""
        outside = tuple(one for one in self._base.callers(name, path) if one.path not in self._files)
        calling = re.compile(rf"\b{re.escape(name)}\s*\(")
        inside = [
            Caller(one.name, where, one.span.start, one.text.encode())
            for where, data in self._files.items()
            for one in functions(parse(data))
            if one.name != name and calling.search(one.text)
        ]
        return (*inside[:_MOST_CALLERS], *outside)

    def own_macro(self, name: str, path: str) -> bytes:
        return self._base.own_macro(name, path)

    def structs(self, name: str) -> tuple[bytes, ...]:
        return self._structs.get(name, ()) or self._base.structs(name)

    def bodies(self, name: str, path: str) -> tuple[bytes, ...]:
        defined = self._defined.get(name, ())
        reached = [one for where, one in defined if where == path] or [one for _, one in defined if not one.static]
        return tuple(one.text.encode() for one in reached) or self._base.bodies(name, path)

    @cached_property
    def _structs(self) -> dict[str, tuple[bytes, ...]]:
        """As the files define them, which the index may know in another form."""
        found: dict[str, tuple[bytes, ...]] = {}
        for data in self._files.values():
            lines = data.split(b"\n")
            for one in symbols(parse(data), ""):
                if one.kind is SymbolKind.STRUCT:
                    written = b"\n".join(lines[one.span.start - 1 : one.span.end]) + b"\n"
                    found[one.name] = (*found.get(one.name, ()), written)
        return found

    @cached_property
    def _defined(self) -> dict[str, list[tuple[str, FunctionSource]]]:
        """By name, with the path."""
        found: dict[str, list[tuple[str, FunctionSource]]] = {}
        for path, one in self._differing():
            found.setdefault(one.name, []).append((path, one))
        return found

    def _differing(self) -> Iterator[tuple[str, FunctionSource]]:
        for path, data in self._files.items():
            before = self._indexed.get(path)
            known = {(one.name, one.text) for one in functions(parse(before))} if before is not None else set()
            yield from ((path, one) for one in functions(parse(data)) if (one.name, one.text) not in known)

    @cached_property
    def _facts(self) -> dict[str, tuple[Fact, ...]]:
        found: dict[str, list[Fact]] = {name: [] for name in self._defined}
        for data in self._files.values() if found else ():
            for fact in facts(parse(data), ""):
                if fact.function in found:
                    found[fact.function].append(fact)
        return {name: tuple(read) for name, read in found.items()}
