"""Runs the checks on functions of the samples as a patch would."""

from __future__ import annotations

from dataclasses import dataclass, field

from lrev.evidence.checks import run
from lrev.evidence.knowledge import Caller, Knowledge
from lrev.source.c_code import functions, parse, symbols
from lrev.types import ChangedFunction, Fact, FunctionSource, Suspicion, SymbolKind


@dataclass(frozen=True)
class Known:
    """Knowledge of a few functions."""

    known: dict[str, tuple[Fact, ...]] = field(default_factory=dict)
    releases: dict[str, str] = field(default_factory=dict)
    source: bytes = b""
    used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def facts(self, name: str, _path: str) -> tuple[Fact, ...]:
        return self.known.get(name, ())

    def exists(self, name: str) -> bool:
        return name in self.known

    def released_by(self, name: str) -> str:
        return self.releases.get(name, "")

    def results_used(self, name: str) -> tuple[int, int]:
        return self.used.get(name, (0, 0))

    def callers(self, name: str, path: str) -> tuple[Caller, ...]:
        read = functions(parse(self.source))
        found = (one for one in read if one.name != name and f"{name}(" in one.text)
        return tuple(Caller(one.name, path, one.span.start, one.text.encode()) for one in found)

    def own_macro(self, name: str, _path: str) -> bytes:
        return self._written(name, SymbolKind.MACRO)

    def structs(self, name: str) -> tuple[bytes, ...]:
        written = self._written(name, SymbolKind.STRUCT)
        return (written,) if written else ()

    def _written(self, name: str, kind: SymbolKind) -> bytes:
        found = [one for one in symbols(parse(self.source), "") if one.name == name and one.kind is kind]
        lines = self.source.split(b"\n")
        return b"\n".join(line for one in found for line in lines[one.span.start - 1 : one.span.end])

    def bodies(self, name: str, _path: str) -> tuple[bytes, ...]:
        return tuple(one.text.encode() for one in functions(parse(self.source)) if one.name == name)


def named(data: bytes, name: str) -> FunctionSource:
    return next(one for one in functions(parse(data)) if one.name == name)


def names(data: bytes) -> list[str]:
    return [one.name for one in functions(parse(data))]


def check_new(data: bytes, name: str, known: Knowledge | None = None) -> tuple[Suspicion, ...]:
    """The function as if a patch had added it."""
    source = named(data, name)
    changed = frozenset(range(source.span.start, source.span.end + 1))
    function = ChangedFunction("drivers/example/lamp.c", name, None, source, changed, frozenset(), (0,))
    return run(function, None, data, known or Known())


def check_change(before: bytes, after: bytes, name: str) -> tuple[Suspicion, ...]:
    """The function as a patch changed it that has one hunk, from the first line that differs to the last."""
    old, new = before.split(b"\n"), after.split(b"\n")
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    end = 0
    while end < min(len(old), len(new)) - same and old[-1 - end] == new[-1 - end]:
        end += 1
    function = ChangedFunction(
        "drivers/example/lamp.c",
        name,
        named(before, name),
        named(after, name),
        frozenset(range(same + 1, len(new) - end + 1)),
        frozenset(range(same + 1, len(old) - end + 1)),
        (0,),
    )
    return run(function, before, after, Known())
