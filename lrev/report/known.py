"""What the index knows of a name -> lines for a person, or plain data for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lrev.indexing.found import ApiPair, CallSite, Definition
from lrev.indexing.known import Known, KnownFact
from lrev.types import FactOrigin

# A fact that more places tell alike is shown with so many of them.
_SOURCES = 3
_ORIGINS = {FactOrigin.DECLARED: "declared", FactOrigin.READ: "read from the body", FactOrigin.INFERRED: "inferred"}


def lines(known: Known, limit: int, *, several: bool) -> Iterator[str]:
    """At most `limit` callers and tables; `several`: there is more than one tree, so each place names its own."""
    return _Told(known, limit, several=several).lines()


class _Told:
    """What is known as lines of text; the tree is named where there are several."""

    def __init__(self, known: Known, limit: int, *, several: bool) -> None:
        self._known = known
        self._limit = limit
        self._several = several

    def lines(self) -> Iterator[str]:
        known = self._known
        for definition in known.definitions:
            yield from self._definition(definition)
        if known.facts:
            yield from ("", "facts")
        for fact in known.facts:
            yield from _fact(fact)
        yield from _pairs("undone by", [(pair.release, pair) for pair in known.undone_by])
        yield from _pairs("undoes", [(pair.acquire, pair) for pair in known.undoes])
        yield from self._tables()
        yield from self._callers()
        yield from self._callees()

    def _tree(self, name: str) -> str:
        return f"  ({name})" if self._several else ""

    def _definition(self, one: Definition) -> Iterator[str]:
        static = "static " if one.symbol.static and not one.symbol.signature.startswith("static") else ""
        yield f"{one.source}  [{one.symbol.kind.value}]  {static}{one.symbol.signature}{self._tree(one.tree)}"
        if one.source in self._known.partly:
            yield "    the parser could not read all of it: facts may be missing"

    def _tables(self) -> Iterator[str]:
        entries = self._known.entries
        if entries:
            yield from ("", f"in tables ({len(entries)})")
        for entry in entries[: self._limit]:
            table = f"struct {entry.table}" if entry.table else "a table"
            yield f"  {entry.path}:{entry.line}  .{entry.field} = {entry.function} of {table}{self._tree(entry.tree)}"
        yield from self._more(len(entries))

    def _callers(self) -> Iterator[str]:
        known = self._known
        if known.caller_count:
            yield from ("", f"called from ({known.caller_count})")
        yield from (f"  {site.source}  {site.call.caller}{self._tree(site.tree)}" for site in known.callers)
        yield from self._more(known.caller_count)

    def _callees(self) -> Iterator[str]:
        by_path = _callees(self._known)
        if by_path:
            yield from ("", "calls")
        for path, callees in by_path.items():
            yield f"  {path}: {', '.join(callees)}"

    def _more(self, found: int) -> Iterator[str]:
        if found > self._limit:
            yield f"  and {found - self._limit} more; --limit shows them"


def _fact(known: KnownFact) -> Iterator[str]:
    fact = known.fact
    when = fact.condition if fact.condition.startswith("on ") else f"when {fact.condition}"
    yield f"  {fact.kind.value}{': ' if fact.detail else ''}{fact.detail}{f', {when}' if fact.condition else ''}"
    sources = ", ".join(known.sources[:_SOURCES]) or f"line {fact.line}"
    more = f" and {len(known.sources) - _SOURCES} more" if len(known.sources) > _SOURCES else ""
    yield f"      {_ORIGINS[fact.origin]} at {sources}{more}"
    if known.chain:
        yield f"      {' -> '.join(known.chain)}"


def _pairs(title: str, pairs: Sequence[tuple[str, ApiPair]]) -> Iterator[str]:
    if pairs:
        yield from ("", title)
    yield from (f"  {other}  ({pair.times} of {pair.of} places)" for other, pair in pairs)


def _callees(known: Known) -> dict[str, list[str]]:
    """Each callee once a file, in the order they are written."""
    by_path: dict[str, dict[str, CallSite]] = {}
    for site in known.callees:
        by_path.setdefault(site.path, {}).setdefault(site.call.callee, site)
    return {path: list(sites) for path, sites in by_path.items()}


def plain(known: Known, limit: int) -> dict[str, Any]:
    """As JSON can hold it."""
    return {
        "name": known.name,
        "definitions": [
            {
                "tree": one.tree,
                "path": one.path,
                "lines": [one.symbol.span.start, one.symbol.span.end],
                "kind": one.symbol.kind.value,
                "static": one.symbol.static,
                "signature": one.symbol.signature,
                "partly_read": one.source in known.partly,
            }
            for one in known.definitions
        ],
        "facts": [
            {
                "kind": one.fact.kind.value,
                "detail": one.fact.detail,
                "condition": one.fact.condition,
                "origin": one.fact.origin.value,
                "sources": list(one.sources),
                "chain": list(one.chain),
            }
            for one in known.facts
        ],
        "undone_by": [{"release": one.release, "times": one.times, "of": one.of} for one in known.undone_by],
        "undoes": [{"acquire": one.acquire, "times": one.times, "of": one.of} for one in known.undoes],
        "tables": [
            {"tree": one.tree, "path": one.path, "line": one.line, "field": one.field, "table": one.table}
            | {"function": one.function}
            for one in known.entries[:limit]
        ],
        "caller_count": known.caller_count,
        "callers": [
            {"tree": one.tree, "path": one.path, "line": one.call.line, "function": one.call.caller}
            for one in known.callers
        ],
        "calls": _callees(known),
    }
