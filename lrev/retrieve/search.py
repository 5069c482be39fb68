"""The passages that may help with a changed function, best first: exact look-ups, then search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.types import Call, ChangedFunction, ChunkKind, Embedder, SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.reader import Index

# More callees than this and the definitions crowd out documents and precedents.
_CALLEES = 8
_HITS_PER_KIND = 3
# The head of a passage: a definition's contract or a comment's point stands in its first lines.
_PASSAGE_LINES = 14
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO, SymbolKind.DECLARATION)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage before its tokens are counted."""

    source: str
    title: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Searcher:
    """Looks things up in one index. Mail later than `before` (seconds since 1970) and `own_thread` stay unseen."""

    index: Index
    embedder: Embedder
    before: int | None = None
    own_thread: frozenset[str] = frozenset()

    def candidates(self, function: ChangedFunction, calls: tuple[Call, ...]) -> Iterator[Candidate]:
        """In order of worth, near-duplicates dropped."""
        seen: set[str] = set()
        for candidate in (*self._callees(function, calls), *self._similar(function)):
            fingerprint = "".join(candidate.text.split())
            if fingerprint and fingerprint not in seen:
                seen.add(fingerprint)
                yield candidate

    def _callees(self, function: ChangedFunction, calls: tuple[Call, ...]) -> Iterator[Candidate]:
        names = dict.fromkeys(call.callee for call in calls if call.line in function.changed)
        for name in list(names)[:_CALLEES]:
            definition = next(iter(self.index.definitions(name, _CALLABLE)), None)
            if definition is None:
                continue
            facts = [f"{name}: {fact.kind.value} {fact.detail}".rstrip() for fact in self.index.facts(name)]
            text = "\n".join((definition.symbol.signature, *dict.fromkeys(facts)))
            yield Candidate(definition.source, f"{name}()", text, "called on a changed line")

    def _similar(self, function: ChangedFunction) -> Iterator[Candidate]:
        query = _changed_text(function)
        for kind, reason in (
            (ChunkKind.COMMENT, "said in review of similar code"),
            (ChunkKind.DOCUMENT, "documentation near to the changed lines"),
        ):
            hits = self.index.search(query, self.embedder, limit=_HITS_PER_KIND * 2, kinds=(kind,), before=self.before)
            fresh = [hit for hit in hits if hit.message_id not in self.own_thread or not hit.message_id]
            for hit in fresh[:_HITS_PER_KIND]:
                text = "\n".join(hit.chunk.text.splitlines()[:_PASSAGE_LINES])
                yield Candidate(hit.source, hit.chunk.name, text, reason)


def _changed_text(function: ChangedFunction) -> str:
    assert function.after is not None
    lines = function.after.text.split("\n")
    first = function.after.span.start
    return f"{function.name}\n" + "\n".join(lines[number - first] for number in sorted(function.changed))
