"""What lrev's packs are compared with: packs as simpler tools make them, of the same passages' lengths and tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from lrev.retrieve import around
from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.choose import distinct
from lrev.retrieve.definitions import CALLABLE
from lrev.retrieve.lookup import Lookup
from lrev.retrieve.pack import Pack, of_candidate, packed
from lrev.retrieve.searches import head, query
from lrev.retrieve.subject import Subject
from lrev.source.patch import bare_subject
from lrev.types import ChunkKind

# As many hits as fill the largest budget that is measured.
_HITS = 80
# A definition of more lines is cut: whole ones of that length would leave room for two or three.
_DEFINITION_LINES = 60


class Baseline(StrEnum):
    FILE = "function and file"
    DEFINITIONS = "function, file and definitions of what is called"
    WORDS = "words only"
    VECTORS = "vectors only"


@dataclass(frozen=True, slots=True)
class Baselines:
    """Over the same index, files and mail as lrev's own."""

    lookup: Lookup

    def candidates(self, baseline: Baseline, subjects: tuple[Subject, ...]) -> list[Candidate]:
        """In the order in which they are packed."""
        if baseline in (Baseline.WORDS, Baseline.VECTORS):
            text = query(subjects, self.lookup.patch.subject)
            return list(self._hits(text, by_words=baseline is Baseline.WORDS))
        rows = zip_longest(*(list(around.candidates(subject)) for subject in subjects))
        file = [one for row in rows for one in row if one is not None]
        function = [one for one in file if one.origin is Origin.FUNCTION]
        nearby = [one for one in file if one.origin is Origin.NEARBY]
        called = list(self._called(subjects)) if baseline is Baseline.DEFINITIONS else []
        return [*function, *called, *nearby]

    def _called(self, subjects: tuple[Subject, ...]) -> Iterator[Candidate]:
        names = dict.fromkeys((name, subject.path) for subject in subjects for name in subject.called)
        for name, near in names:
            for found in self.lookup.definitions.of(name, CALLABLE, near)[:1]:
                lines = self.lookup.seen.text(found.path, found.symbol.span).split("\n")[:_DEFINITION_LINES]
                yield Candidate(Origin.CALLEES, found.source, f"{name}()", "\n".join(lines), "called")

    def _hits(self, text: str, *, by_words: bool) -> Iterator[Candidate]:
        """Each patch in one version."""
        index, before = self.lookup.sources.index, self.lookup.sources.before
        if by_words:
            hits = index.words(text, _HITS, before=before)
        else:
            hits = index.vectors(self.lookup.sources.embedder.encode([text])[0], _HITS, before=before)
        patches: set[str] = set()
        for hit in hits:
            subject = bare_subject(hit.chunk.name) if hit.chunk.kind is ChunkKind.PATCH else ""
            if hit.message_id in self.lookup.own_thread or subject in patches:
                continue
            patches |= {subject} if subject else set()
            yield Candidate(Origin.SIMILAR, hit.source, hit.chunk.name, head(hit.chunk.text), "found")


def filled(candidates: Sequence[Candidate], count: Callable[[str], int], budget_tokens: int) -> Pack:
    """One after the other while they fit; a shorter one may come in behind one that does not."""
    room = budget_tokens
    shown, left = [], []
    for one in distinct(candidates):
        cost = count(of_candidate(one))
        if cost <= room:
            room -= cost
            shown.append(one)
        else:
            left.append(one)
    return packed(shown, left, count, budget_tokens)
