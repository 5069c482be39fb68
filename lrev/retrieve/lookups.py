"""Passages that are looked up exactly: what the change calls, what is declared beside that, and callers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.definitions import CALLABLE, VALUES, Definitions
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import Subject
from lrev.types import Fact, FactKind, Span, SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.found import Definition
    from lrev.indexing.reader import Index

# The farther down the list of a change's names, the less often any is needed (docs/decisions/0004).
_MOST_CALLEES, _MOST_BESIDE, _MOST_VALUES, _MOST_CALLERS = 40, 16, 16, 8
_LOOKED_AT_CALLERS = 400
# What is called from more places, such as kfree(), nobody looks up.
_KNOWN_TO_ALL_CALLS = 2000
# The head of a kernel-doc comment: what it does and what it takes.
_DOCUMENTED_LINES = 8
# A body that is shorter says more than its contract.
_BODY_LINES = 24
# The other forms of a function stand within a few declarations.
_BESIDE_LINES = 5
_LONGEST_BESIDE_LINES = 15
_AROUND_LINES = 4
_TOLD = frozenset(FactKind) - {FactKind.EXPORTED, FactKind.DOC_CONTEXT, FactKind.DOC_RETURN}


@dataclass(frozen=True, slots=True)
class Lookups:
    """In one index, and the files as a series leaves them. What is `asked` for is looked up though all know it."""

    index: Index
    seen: Seen
    definitions: Definitions
    asked: frozenset[str] = frozenset()

    def candidates(self, subject: Subject) -> Iterator[Candidate]:
        own = {one.name for one in subject.functions}
        called = [name for name in subject.called if name not in own and self._is_looked_up(name)]
        for rank, name in enumerate(called[:_MOST_CALLEES]):
            yield from self._callee(subject, name, beside=rank < _MOST_BESIDE)
        yield from self._values(subject)
        yield from self._callers(subject)

    def _is_looked_up(self, name: str) -> bool:
        return name in self.asked or self.index.caller_count(name) <= _KNOWN_TO_ALL_CALLS

    def _callee(self, subject: Subject, name: str, *, beside: bool) -> Iterator[Candidate]:
        """The definition in the file itself, else the one most likely meant."""
        found = self.definitions.of(name, CALLABLE, subject.path)
        if not found:
            return
        yield from self._definition(found[0])
        declared = next((one for one in found if one.path.endswith(".h")), found[0])
        if beside and declared.path != subject.path:
            yield self._beside(declared)

    def _definition(self, found: Definition) -> Iterator[Candidate]:
        """By its contract: documentation, signature, facts and callees; by its body where that is short."""
        symbol, span = found.symbol, found.symbol.span
        title, group = f"{symbol.name}()", f"{found.path} {symbol.name}"
        documented = _documented(self.seen.lines(found.path), span.start)
        contract = "\n".join([*documented, symbol.signature, *self._told(found)])
        reason = "called by the change"
        yield Candidate(Origin.CALLEES, found.source, title, contract, reason, group)
        if symbol.kind is not SymbolKind.DECLARATION and span.end - span.start < _BODY_LINES:
            yield Candidate(Origin.CALLEES, found.source, title, self.seen.text(found.path, span), reason, group)

    def _told(self, found: Definition) -> Iterator[str]:
        """Of this definition alone; of a file that the series changes the index knows what it was, and says nothing."""
        name = found.symbol.name
        if found.path in self.seen.changed:
            return
        known = self.index.facts(name)
        facts = [_fact(one) for one in known if one.kind in _TOLD and one.blob == found.symbol.blob]
        calls = dict.fromkeys(one.call.callee for one in self.index.callees(name) if one.path == found.path)
        if facts:
            yield f"{name}(): {'; '.join(dict.fromkeys(facts))}"
        if calls:
            yield f"it calls {', '.join(calls)}"

    def _values(self, subject: Subject) -> Iterator[Candidate]:
        """Constants of the change, with those beside them."""
        written = (name for name in subject.named if name.isupper() and "_" in name)
        for name in islice(written, _MOST_VALUES):
            found = self.definitions.of(name, VALUES, subject.path)
            if found and found[0].path != subject.path:
                yield self._beside(found[0])

    def _beside(self, found: Definition) -> Candidate:
        """What is declared next to it: the same in other forms, as a rule."""
        span = found.symbol.span
        first = max(span.start - _BESIDE_LINES, 1)
        last = min(span.end + _BESIDE_LINES, span.start + _LONGEST_BESIDE_LINES)
        return self._lines_of(Origin.FAMILY, found.path, Span(first, last), f"declared beside {found.symbol.name}")

    def _callers(self, subject: Subject) -> Iterator[Candidate]:
        for function in subject.functions:
            sites = self.index.callers(function.name, _LOOKED_AT_CALLERS)
            own = function.static and not subject.path.endswith(".h")  # no other file can call it
            for site in [one for one in sites if not own or one.path == subject.path][:_MOST_CALLERS]:
                reason = f"{site.call.caller}() calls {function.name}()"
                yield from self._near(Origin.CALLERS, site.path, site.call.line, reason)

    def _near(self, origin: Origin, path: str, line: int, reason: str) -> Iterator[Candidate]:
        """The lines around one of the indexed file, where it is still there."""
        now = self.seen.where(path, Span(line, line))
        if now is not None:
            around = Span(max(now.start - _AROUND_LINES, 1), now.end + _AROUND_LINES)
            yield self._lines_of(origin, path, around, reason)

    def _lines_of(self, origin: Origin, path: str, span: Span, reason: str) -> Candidate:
        return Candidate(origin, f"{path}:{span.start}-{span.end}", "", self.seen.text(path, span), reason)


def _fact(one: Fact) -> str:
    said = one.kind.value if one.detail in one.kind.value else f"{one.kind.value} {one.detail}"
    return f"{said} {one.condition}".strip()


def _documented(lines: list[str], start: int) -> list[str]:
    """The head of the comment that ends right above a line."""
    last = start - 2
    ends = lines[last].strip() if 0 <= last < len(lines) else ""
    if not ends.endswith("*/") or not ends.startswith(("*", "/*")):
        return []
    first = last
    while first > 0 and not lines[first].lstrip().startswith("/*"):
        first -= 1
    return lines[first : min(last + 1, first + _DOCUMENTED_LINES)]
