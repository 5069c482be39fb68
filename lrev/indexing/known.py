"""All that an index knows of one name, gathered for a person or a program to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lrev.indexing.found import ApiPair, CallSite, Definition, TableEntry
from lrev.indexing.pairs import undoes, undone_by
from lrev.types import SOME_PATHS, Fact, FactKind

if TYPE_CHECKING:
    from lrev.indexing.reader import Index

# A chain of calls longer than this is no longer read.
_CHAIN_STEPS = 8


@dataclass(frozen=True, slots=True)
class KnownFact:
    """`fact` as it is told at `sources` (`path:line`); `chain`: the calls by which a function comes to sleep."""

    fact: Fact
    sources: tuple[str, ...]
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """`partly` are the places (`path:start-end`) of definitions that the parser could not read whole; `callers` go up
    to a limit, of `caller_count`."""

    name: str
    definitions: tuple[Definition, ...]
    partly: frozenset[str]
    facts: tuple[KnownFact, ...]
    undone_by: tuple[ApiPair, ...]
    undoes: tuple[ApiPair, ...]
    entries: tuple[TableEntry, ...]
    callers: tuple[CallSite, ...]
    caller_count: int
    callees: tuple[CallSite, ...]

    def __bool__(self) -> bool:
        return bool(self.definitions or self.facts or self.entries or self.caller_count or self.callees)


def known_of(index: Index, name: str, callers: int) -> Known:
    definitions = index.definitions(name)
    partly = index.partly_read(name)
    return Known(
        name,
        definitions,
        frozenset(one.source for one in definitions if (one.path, one.symbol.span.start) in partly),
        tuple(_facts(index, name, definitions)),
        undone_by(index, name),
        undoes(index, name),
        index.entries(name),
        index.callers(name, callers),
        index.caller_count(name),
        index.callees(name),
    )


def _facts(index: Index, name: str, definitions: tuple[Definition, ...]) -> Iterator[KnownFact]:
    """Those of the definition most likely meant first; what several places tell alike is one fact."""
    order = {one.symbol.blob: at for at, one in reversed(list(enumerate(definitions)))}
    facts = sorted(index.facts(name), key=lambda fact: order.get(fact.blob, len(order)))
    alike: dict[Fact, list[Fact]] = {}
    for fact in facts:
        alike.setdefault(replace(fact, blob="", line=0), []).append(fact)
    for same in alike.values():
        sources = dict.fromkeys(source for fact in same for source in _sources(index, fact))
        yield KnownFact(same[0], tuple(sources), tuple(_chain(index, same[0])))


def _sources(index: Index, fact: Fact) -> Iterator[str]:
    return (f"{place.path}:{fact.line}" for place in index.locate(fact.blob))


def _chain(index: Index, fact: Fact) -> list[str]:
    if fact.kind is not FactKind.MAY_SLEEP or fact.condition == SOME_PATHS:
        return []
    steps = [fact.function]
    known: Fact | None = fact
    while known is not None and len(steps) < _CHAIN_STEPS:
        callee = known.detail.removeprefix("by ")
        if callee in steps:
            break
        steps.append(callee)
        sleeping = [one for one in index.facts(callee) if one.kind is FactKind.MAY_SLEEP]
        blob = known.blob
        known = min(sleeping, key=lambda one: (one.blob != blob, one.condition == SOME_PATHS), default=None)
    return steps
