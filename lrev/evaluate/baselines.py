"""What lrev's packs are compared with: packs as simpler tools make them, of the same passages' lengths and tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lrev.indexing.reader import Index
from lrev.retrieve import around
from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.definitions import CALLABLE, Definitions
from lrev.retrieve.pack import Pack, of_candidate, packed
from lrev.retrieve.searches import head, query
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import Subject
from lrev.types import Embedder

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
    """Over one index; mail as in Lookup."""

    index: Index
    embedder: Embedder
    seen: Seen
    before: int | None
    own_thread: frozenset[str]

    def candidates(self, baseline: Baseline, subjects: tuple[Subject, ...], subject_line: str) -> list[Candidate]:
        """In the order in which they are packed."""
        if baseline is Baseline.WORDS:
            return list(self._hits(query(subjects, subject_line), by_words=True))
        if baseline is Baseline.VECTORS:
            return list(self._hits(query(subjects, subject_line), by_words=False))
        file = [one for subject in subjects for one in around.candidates(subject)]
        function = [one for one in file if one.origin is Origin.FUNCTION]
        nearby = [one for one in file if one.origin is Origin.NEARBY]
        called = list(self._definitions(subjects)) if baseline is Baseline.DEFINITIONS else []
        return [*function, *called, *nearby]

    def _definitions(self, subjects: tuple[Subject, ...]) -> Iterator[Candidate]:
        definitions = Definitions(self.index, self.seen, subjects)
        for name in dict.fromkeys(name for subject in subjects for name in subject.called):
            for found in definitions.of(name, CALLABLE)[:1]:
                lines = self.seen.text(found.path, found.symbol.span).split("\n")[:_DEFINITION_LINES]
                yield Candidate(Origin.CALLEES, found.source, f"{name}()", "\n".join(lines), "called")

    def _hits(self, text: str, *, by_words: bool) -> Iterator[Candidate]:
        if by_words:
            hits = self.index.words(text, _HITS, before=self.before)
        else:
            hits = self.index.vectors(self.embedder.encode([text])[0], _HITS, before=self.before)
        for hit in hits:
            if not hit.message_id or hit.message_id not in self.own_thread:
                yield Candidate(Origin.SIMILAR, hit.source, hit.chunk.name, head(hit.chunk.text), "found")


def filled(candidates: Sequence[Candidate], count: Callable[[str], int], budget_tokens: int) -> Pack:
    """One after the other while they fit; a shorter one may come in behind one that does not."""
    room = budget_tokens
    shown, left = [], []
    for one in candidates:
        cost = count(of_candidate(one))
        if cost <= room:
            room -= cost
            shown.append(one)
        else:
            left.append(one)
    return packed(shown, left, count, budget_tokens)
