"""Many questions over few prefixes, each token evaluated once: does what the schedule says, and keeps the account.

An answer depends on the plan alone. What an earlier plan left in the cache, in a parked state or on the disk makes it
come sooner, never out different (lrev/model/schedule.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from lrev.model.answering import Answering
from lrev.model.cells import TRUNK, Cells, Row, State
from lrev.model.leaves import Chunks, Leaf, Outcome
from lrev.model.parking import Parking
from lrev.model.prefixes import Prefixes
from lrev.model.schedule import Discard, Limits, Move, Park, Read, Restore, Trim, Visit, schedule
from lrev.model.vocabulary import Vocabulary
from lrev.types import Sampling


class Engine:
    """One model. Not for several threads. `prefixes` keeps the first group of prompts on the disk, if it is given."""

    def __init__(
        self, cells: Cells, vocabulary: Vocabulary, parking: Parking, prefixes: Prefixes | None = None
    ) -> None:
        self.cells = cells
        self.vocabulary = vocabulary
        self._parking = parking
        self._prefixes = prefixes
        # Half of the sequences are for the questions, the other half for the choices of several tokens below them.
        self.limits = Limits(cells.batch_tokens, cells.count, max(1, cells.width // 2), cells.trims)
        self._states: dict[Chunks, State] = {}
        self._held: Chunks = ()  # what the trunk holds

    def run(self, leaves: Sequence[Leaf], sampling: Sampling) -> list[Outcome]:
        """Outcomes in the order of `leaves`. Raises ContextOverflow before anything is evaluated."""
        visits = schedule(leaves, self._held, self._parking, self.limits)
        run = Answering(self.cells, self.vocabulary, self.limits, leaves, sampling)
        try:
            for visit in visits:
                self._enter(visit, run)
                for wave in visit.waves:
                    run.answer(wave, visit.tokens)
        except BaseException:
            self.forget()
            raise
        return run.outcomes

    def forget(self) -> None:
        """As if nothing had been asked: what is read next counts as read, whoever asked before."""
        self.cells.clear()
        self._held = ()
        self._states.clear()
        self._parking.clear()

    def _enter(self, visit: Visit, run: Answering) -> None:
        places = sorted(place for wave in visit.waves for place in wave)
        for place in places:
            run.outcomes[place].reused = visit.tokens
        first = run.outcomes[places[0]]
        first.read, first.reused = visit.read_tokens, visit.tokens - visit.read_tokens
        with run.charged({places[0]: 1}):
            for move in visit.moves:
                self._move(move)
            self.cells.settle()

    def _move(self, move: Move) -> None:
        match move:
            case Park(chunks):
                self._states[chunks] = self.cells.save()
            case Discard(chunks):
                del self._states[chunks]
            case Restore(chunks):
                self.cells.bring_back(self._states[chunks])
                self._held = chunks
            case Trim(chunks):
                self._trim(chunks)
            case Read(chunks, head):
                if self._held:
                    self.cells.settle()
                self._read_head(chunks) if head else self._read(chunks)

    def _trim(self, chunks: Chunks) -> None:
        if chunks:
            self.cells.trim(_length(chunks))
        else:
            self.cells.clear()
        self._held = chunks

    def _read(self, chunks: Chunks) -> None:
        for chunk in chunks:
            start = _length(self._held)
            self.cells.decode([Row((TRUNK,), start + at, token, False) for at, token in enumerate(chunk)])
            self._held = (*self._held, chunk)

    def _read_head(self, chunks: Chunks) -> None:
        """The first group, from the disk if it is there."""
        state = self._prefixes.load(chunks) if self._prefixes else None
        if state is not None and self.cells.restore(state):
            self._held = chunks
            return
        self._read(chunks)
        if self._prefixes:
            self._prefixes.store(chunks, self.cells.save)


def _length(chunks: Chunks) -> int:
    return sum(map(len, chunks))
