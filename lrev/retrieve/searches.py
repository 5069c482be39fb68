"""Passages that are searched for: by words, then by vectors, one rank made of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import Subject, names, paths
from lrev.types import ChunkKind, Embedder

if TYPE_CHECKING:
    from lrev.indexing.found import Hit
    from lrev.indexing.reader import Index


class _Query(Enum):
    CHANGE = "the change"
    CALLS = "what it calls"


@dataclass(frozen=True, slots=True)
class _Kind:
    origin: Origin
    chunks: tuple[ChunkKind, ...]
    query: _Query
    reason: str
    hits: int


_CODE = (ChunkKind.FUNCTION, ChunkKind.MACRO, ChunkKind.TYPE)
# How deep each list is read was tried on real reviews (docs/decisions/0004).
_KINDS = (
    _Kind(Origin.SIMILAR, _CODE, _Query.CHANGE, "code like the change", 16),
    _Kind(Origin.DOCUMENTS, (ChunkKind.DOCUMENT,), _Query.CHANGE, "documentation near to the change", 8),
    _Kind(Origin.COMMENTS, (ChunkKind.COMMENT,), _Query.CHANGE, "said in review of similar code", 16),
    _Kind(Origin.COMMENTS, (ChunkKind.COMMENT,), _Query.CALLS, "said in review of the same calls", 12),
    _Kind(Origin.PATCHES, (ChunkKind.PATCH,), _Query.CHANGE, "a patch to similar code", 8),
)
# The head of a passage: a function's use of an interface, or a comment's point, stands in its first lines.
_LINES = 14
# Of what a comment quotes the lines right above it are what it is about.
_QUOTED_LINES = 4
# The file that is spoken of, where the comment tells it.
_ABOVE_QUOTE_LINES = 2
# More names make a query longer and no better.
_QUERY_NAMES = 24
_QUERY_CALLS = 12
_QUERY_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class Searches:
    """Mail of the time `before` (seconds since 1970) or later, and the mails `unseen`, stay unseen."""

    index: Index
    embedder: Embedder
    seen: Seen
    before: int | None
    unseen: frozenset[str]

    def candidates(self, subjects: tuple[Subject, ...], subject_line: str) -> Iterator[Candidate]:
        texts = {_Query.CHANGE: query(subjects, subject_line), _Query.CALLS: _calls(subjects)}
        own = paths(subjects)
        for kind in _KINDS:
            text = texts[kind.query]
            if text:
                hits = self.index.search(text, self.embedder, kind.hits * 2, kind.chunks, self.before)
                shown = [hit for hit in hits if self._is_new(hit, own)][: kind.hits]
                yield from (found for hit in shown if (found := self._passage(kind, hit)) is not None)

    def _passage(self, kind: _Kind, hit: Hit) -> Candidate | None:
        """The head of what was found, in a file that the series changes as it is now; None for what is gone."""
        if hit.path not in self.seen.changed:
            return Candidate(kind.origin, hit.source, hit.chunk.name, head(hit.chunk.text), kind.reason)
        now = self.seen.where(hit.path, hit.chunk.span)
        if now is None:
            return None
        source, text = f"{hit.path}:{now.start}-{now.end}", self.seen.text(hit.path, now)
        return Candidate(kind.origin, source, hit.chunk.name, head(text), kind.reason)

    def _is_new(self, hit: Hit, own: frozenset[str]) -> bool:
        return hit.message_id not in self.unseen if hit.message_id else hit.path not in own


def head(text: str) -> str:
    """The first lines; of a comment the file, the last lines that it quotes, and then what it says."""
    lines = text.split("\n")
    start = next((at for at, line in enumerate(lines[:_ABOVE_QUOTE_LINES]) if line.startswith(">")), 0)
    end = next((at for at in range(start, len(lines)) if not lines[at].startswith(">")), len(lines))
    return "\n".join((lines[:start] + lines[max(end - _QUOTED_LINES, start) :])[:_LINES])


def query(subjects: tuple[Subject, ...], subject_line: str) -> str:
    """What the change names, and its lines, with the words of its subject. Where it changes C, of C alone."""
    about = tuple(one for one in subjects if one.is_c) or subjects
    named = list(dict.fromkeys(names(about)))[:_QUERY_NAMES]
    lines = "\n".join(one.changed_text for one in about)[:_QUERY_CHARACTERS]
    return "\n".join((subject_line, " ".join(named), lines))


def _calls(subjects: tuple[Subject, ...]) -> str:
    """The first calls of each file, of changed lines first."""
    called = (name for row in zip_longest(*(one.called for one in subjects)) for name in row if name)
    return " ".join(list(dict.fromkeys(called))[:_QUERY_CALLS])
