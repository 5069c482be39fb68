"""Claims against an indexed tree: whether each holds, and the line of source that says so or otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrev.indexing.found import Definition
from lrev.indexing.reader import Index
from lrev.rules.claims import Claim, ClaimKind
from lrev.source.tree import Tree
from lrev.types import Fact, SymbolKind

# `#define NAME(x) \` and what it stands for, continued lines joined.
_REPLACEMENT = re.compile(r"#\s*define\s+\w+(?:\([^)]*\))?\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Checked:
    """`why` says what the tree has instead, and `where` is the line that shows it, as `path:line: text`."""

    claim: Claim
    holds: bool
    why: str = ""
    where: str = ""


class Ground:
    """An open index, and the tree it was made of."""

    def __init__(self, index: Index, tree: Tree) -> None:
        self._index = index
        self._tree = tree

    def check(self, claim: Claim) -> Checked:
        return {
            ClaimKind.EXISTS: self._exists,
            ClaimKind.GONE: self._gone,
            ClaimKind.FACT: self._fact,
            ClaimKind.NO_FACT: self._no_fact,
            ClaimKind.CALLS: self._calls,
            ClaimKind.MATCHES: self._matches,
            ClaimKind.LACKS: self._lacks,
            ClaimKind.EQUALS: self._equals,
        }[claim.kind](claim)

    def is_known(self, name: str) -> bool:
        """Whether anything of that name is defined, declared or called."""
        return bool(self._index.definitions(name)) or self._index.caller_count(name) > 0

    def _exists(self, claim: Claim) -> Checked:
        if self._index.exists(claim.subject):
            return Checked(claim, True)
        return Checked(claim, False, f"nothing in the tree defines, calls or writes `{claim.subject}`")

    def _gone(self, claim: Claim) -> Checked:
        defined = self._defined(claim.subject)
        if defined is not None:
            return Checked(claim, False, "it is defined", self._at(defined.path, defined.symbol.span.start))
        for site in self._index.callers(claim.subject, 1):
            return Checked(claim, False, "it is called", self._at(site.path, site.call.line))
        if self._index.exists(claim.subject):
            return Checked(claim, False, "the tree still names it")
        return Checked(claim, True)

    def _fact(self, claim: Claim) -> Checked:
        facts = self._index.facts(claim.subject)
        if any(fact.kind.value == claim.expected for fact in facts):
            return Checked(claim, True)
        defined = self._defined(claim.subject)
        if defined is None:
            return Checked(claim, False, f"nothing defines `{claim.subject}`")
        known = ", ".join(dict.fromkeys(fact.kind.value for fact in facts)) or "nothing"
        return Checked(claim, False, f"known of it: {known}", self._at(defined.path, defined.symbol.span.start))

    def _no_fact(self, claim: Claim) -> Checked:
        if not self._defined(claim.subject):
            return Checked(claim, False, f"nothing defines `{claim.subject}`")
        for fact in self._index.facts(claim.subject):
            if fact.kind.value == claim.expected:
                condition = f" {fact.condition}" if fact.condition else ""
                return Checked(claim, False, f"{fact.origin.value}{condition}", self._fact_at(fact))
        return Checked(claim, True)

    def _calls(self, claim: Claim) -> Checked:
        if any(site.call.callee == claim.expected for site in self._index.callees(claim.subject)):
            return Checked(claim, True)
        defined = self._defined(claim.subject)
        if defined is None:
            return Checked(claim, False, f"nothing defines `{claim.subject}`")
        if re.search(rf"\b{re.escape(claim.expected)}\b", self._text(defined)):
            return Checked(claim, True)  # a macro's calls are no calls of the index
        return Checked(claim, False, "it does not", self._at(defined.path, defined.symbol.span.start))

    def _matches(self, claim: Claim) -> Checked:
        text = self._read(claim.subject)
        if text is None:
            return Checked(claim, False, f"the tree has no file `{claim.subject}`")
        held = re.search(claim.expected, text, re.MULTILINE) is not None
        return Checked(claim, held, "" if held else "nothing in the file matches")

    def _lacks(self, claim: Claim) -> Checked:
        text = self._read(claim.subject)
        if text is None:
            return Checked(claim, False, f"the tree has no file `{claim.subject}`")
        met = re.search(claim.expected, text, re.MULTILINE)
        if met is None:
            return Checked(claim, True)
        return Checked(claim, False, "the file has it", self._at(claim.subject, text.count("\n", 0, met.start()) + 1))

    def _equals(self, claim: Claim) -> Checked:
        values: list[tuple[str, Definition]] = []
        for one in self._index.definitions(claim.subject, (SymbolKind.MACRO,)):
            replaced = _REPLACEMENT.match(self._text(one).replace("\\\n", " "))
            if replaced is not None:
                values.append((" ".join(replaced[1].split()), one))
        if any(value == " ".join(claim.expected.split()) for value, _ in values):
            return Checked(claim, True)
        if not values:
            return Checked(claim, False, f"no macro is called `{claim.subject}`")
        value, defined = values[0]
        return Checked(claim, False, f"it is `{value}`", self._at(defined.path, defined.symbol.span.start))

    def _defined(self, name: str) -> Definition | None:
        return next(iter(self._index.definitions(name)), None)

    def _text(self, definition: Definition) -> str:
        lines = (self._read(definition.path) or "").split("\n")
        span = definition.symbol.span
        return "\n".join(lines[span.start - 1 : span.end])

    def _fact_at(self, fact: Fact) -> str:
        return next((self._at(place.path, fact.line) for place in self._index.locate(fact.blob)), "")

    def _at(self, path: str, line: int) -> str:
        lines = (self._read(path) or "").split("\n")
        text = lines[line - 1].strip() if line <= len(lines) else ""
        return f"{path}:{line}: {text}"

    def _read(self, path: str) -> str | None:
        data = self._tree.read(path)
        return data.decode("utf-8", "replace") if data is not None else None
