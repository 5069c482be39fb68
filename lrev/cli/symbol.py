"""lrev symbol: all that the index knows of a name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.errors import UsageError
from lrev.indexing.found import CallSite
from lrev.indexing.pairs import undoes, undone_by
from lrev.indexing.reader import Index, open_index
from lrev.indexing.similar import similar_names
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.types import Fact, FactKind, FactOrigin

# A chain of calls longer than this is no longer read.
_CHAIN_STEPS = 8
_ORIGINS = {FactOrigin.DECLARED: "declared", FactOrigin.READ: "read from the body", FactOrigin.INFERRED: "inferred"}


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A function, macro, type, CONFIG_ or MAINTAINERS name.")],
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many callers and tables at most.")] = 10,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Print where a name is defined, what is known of it and from where, who calls it, and what it calls."""
    seal()
    settings = load_settings(config, index=index)
    with open_index(settings.index) as opened:
        bare = (
            name.removesuffix("()").removeprefix("CONFIG_") if name.startswith("CONFIG_") else name.removesuffix("()")
        )
        lines = [*_definitions(opened, bare), *_facts(opened, bare), *_pairs(opened, bare)]
        lines += [*_tables(opened, bare, limit), *_callers(opened, bare, limit), *_callees(opened, bare)]
        if not lines:
            near = similar_names(opened, bare)
            hint = f"did you mean {', '.join(near)}?" if near else "'lrev index --status' says what is indexed"
            raise UsageError(f"the index has no '{bare}'", hint)
        write_out("\n".join(lines) + "\n")


def _definitions(index: Index, name: str) -> Iterator[str]:
    partly = index.partly_read(name)
    for one in index.definitions(name):
        static = "static " if one.symbol.static and not one.symbol.signature.startswith("static") else ""
        yield f"{one.source}  [{one.symbol.kind.value}]  {static}{one.symbol.signature}{_tree(index, one.tree)}"
        if (one.path, one.symbol.span.start) in partly:
            yield "    the parser could not read all of it: facts may be missing"


def _tree(index: Index, name: str) -> str:
    """Said only where there are several."""
    return f"  ({name})" if len(index.trees) > 1 else ""


def _facts(index: Index, name: str) -> Iterator[str]:
    facts = index.facts(name)
    if facts:
        yield from ("", "facts")
    for fact in facts:
        when = f", {_when(fact.condition)}" if fact.condition else ""
        yield f"  {fact.kind.value}{': ' if fact.detail else ''}{fact.detail}{when}"
        yield f"      {_ORIGINS[fact.origin]} at {_place(index, fact)}"
        if fact.kind is FactKind.MAY_SLEEP and not fact.condition.startswith("on some"):
            yield f"      {' -> '.join(_chain(index, fact))}"


def _when(condition: str) -> str:
    return condition if condition.startswith("on ") else f"when {condition}"


def _place(index: Index, fact: Fact) -> str:
    places = index.locate(fact.blob)
    return f"{places[0].path}:{fact.line}" if places else f"line {fact.line}"


def _chain(index: Index, fact: Fact) -> list[str]:
    """The calls by which a function comes to sleep."""
    steps = [fact.function]
    known: Fact | None = fact
    while known is not None and len(steps) < _CHAIN_STEPS:
        callee = known.detail.removeprefix("by ")
        if callee in steps:
            break
        steps.append(callee)
        sleeping = [one for one in index.facts(callee) if one.kind is FactKind.MAY_SLEEP]
        blob = known.blob
        known = min(sleeping, key=lambda one: (one.blob != blob, one.condition.startswith("on some")), default=None)
    return steps


def _pairs(index: Index, name: str) -> Iterator[str]:
    for title, pairs in (("undone by", undone_by(index, name)), ("undoes", undoes(index, name))):
        if pairs:
            yield from ("", title)
        for pair in pairs:
            other = pair.release if pair.acquire == name else pair.acquire
            yield f"  {other}  ({pair.times} of {pair.of} places)"


def _tables(index: Index, name: str, limit: int) -> Iterator[str]:
    entries = index.entries(name)
    if entries:
        yield from ("", f"in tables ({len(entries)})")
    for entry in entries[:limit]:
        table = f"struct {entry.table}" if entry.table else "a table"
        yield f"  {entry.path}:{entry.line}  .{entry.field} = {entry.function} of {table}{_tree(index, entry.tree)}"
    yield from _more(len(entries), limit)


def _callers(index: Index, name: str, limit: int) -> Iterator[str]:
    count = index.caller_count(name)
    if count:
        yield from ("", f"called from ({count})")
        yield from (
            f"  {site.source}  {site.call.caller}{_tree(index, site.tree)}" for site in index.callers(name, limit)
        )
    yield from _more(count, limit)


def _more(found: int, limit: int) -> Iterator[str]:
    if found > limit:
        yield f"  and {found - limit} more; --limit shows them"


def _callees(index: Index, name: str) -> Iterator[str]:
    by_path: dict[str, dict[str, CallSite]] = {}
    for site in index.callees(name):
        by_path.setdefault(site.path, {}).setdefault(site.call.callee, site)
    if by_path:
        yield from ("", "calls")
    for path, sites in by_path.items():
        yield f"  {path}: {', '.join(sites)}"
