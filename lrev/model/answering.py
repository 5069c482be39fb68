"""The questions of a visit, wave by wave: read side by side behind the prefix, then scored or written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from lrev.model.cells import TRUNK, Cells, Row
from lrev.model.grammar import open_grammar
from lrev.model.leaves import Leaf, Outcome
from lrev.model.schedule import Limits
from lrev.model.stems import Stems
from lrev.model.tokenizer import Tokens
from lrev.model.vocabulary import Vocabulary
from lrev.model.writing import Writer, chooser
from lrev.types import Sampling

if TYPE_CHECKING:
    import numpy

    _Scores = numpy.ndarray
_Path = tuple[int, Tokens]  # the place of a closed question, and a path of its choices


class Answering:
    """Of one plan, whose outcomes it gathers in their order."""

    def __init__(
        self, cells: Cells, vocabulary: Vocabulary, limits: Limits, leaves: Sequence[Leaf], sampling: Sampling
    ) -> None:
        self.outcomes = [Outcome() for _ in leaves]
        self._cells = cells
        self._vocabulary = vocabulary
        self._limits = limits
        self._leaves = leaves
        self._sampling = sampling

    @contextmanager
    def charged(self, weights: dict[int, int]) -> Iterator[None]:
        """The time that is spent inside, parted among places by their weights."""
        started = time.perf_counter()
        yield
        spent = time.perf_counter() - started
        for place, weight in weights.items():
            self.outcomes[place].seconds += spent * weight / sum(weights.values())

    def answer(self, wave: Sequence[int], start: int) -> None:
        """Leaves of one kind, side by side behind a trunk of `start` tokens."""
        leaves = {place: self._leaves[place] for place in wave}
        with self.charged({place: len(leaf.tail) for place, leaf in leaves.items()}):
            sequences = dict(zip(wave, self._cells.fork(TRUNK, len(wave)), strict=True))
            logits = self._read_tails(leaves, sequences, start)
        if self._leaves[wave[0]].choices:
            self._score(sequences, start, logits)
        else:
            self._write(sequences, start, logits)
        self._cells.drop(list(sequences.values()))

    def _read_tails(self, leaves: dict[int, Leaf], sequences: dict[int, int], start: int) -> dict[int, numpy.ndarray]:
        """What may follow each tail. What a leaf begins with like one before it is counted as reused."""
        stems = Stems()
        for place, leaf in leaves.items():
            new = stems.add(place, leaf.tail)
            self.outcomes[place].read += new
            self.outcomes[place].reused += len(leaf.tail) - new
        rows = [
            Row([sequences[place] for place in node.leaves], start + node.position, node.token, bool(node.ending))
            for node in stems.nodes
        ]
        ends = [node.ending for node in stems.nodes if node.ending]
        scored = zip(ends, self._cells.decode(rows), strict=True)
        return {place: logits for places, logits in scored for place in places}

    def _score(self, sequences: dict[int, int], start: int, logits: dict[int, numpy.ndarray]) -> None:
        """Each choice's log-probability: of each of its tokens given those before it."""
        with self.charged(dict.fromkeys(sequences, 1)):
            after: dict[int, dict[Tokens, _Scores]] = {
                place: {(): _log_probabilities(one)} for place, one in logits.items()
            }
        paths = [(place, path) for place in sequences for path in self._leaves[place].paths]
        for group in self._groups(paths, start, sequences):
            with self.charged({place: 1 for place, _ in group}):
                self._follow(group, sequences, start, after)
        for place in sequences:
            choices = self._leaves[place].choices
            self.outcomes[place].scores = tuple(_score(choice, after[place]) for choice in choices)

    def _groups(self, paths: Sequence[_Path], start: int, beside: Iterable[int]) -> Iterator[list[_Path]]:
        """As many paths as have room beside the tails of their questions."""
        tails = sum(len(self._leaves[place].tail) for place in beside)
        free = min(self._limits.batch_tokens, self._limits.cells - start - tails)
        group: list[_Path] = []
        tokens = 0
        for place, path in paths:
            if group and (len(group) == self._limits.width or tokens + len(path) > free):
                yield group
                group, tokens = [], 0
            group.append((place, path))
            tokens += len(path)
        if group:
            yield group

    def _follow(
        self, group: Sequence[_Path], sequences: dict[int, int], start: int, after: dict[int, dict[Tokens, _Scores]]
    ) -> None:
        """What may follow each beginning of each path, behind the tail of its question."""
        forked = [self._cells.fork(sequences[place], 1)[0] for place, _ in group]
        rows = [
            Row((sequence,), start + len(self._leaves[place].tail) + at, token, True)
            for sequence, (place, path) in zip(forked, group, strict=True)
            for at, token in enumerate(path)
        ]
        logits = iter(self._cells.decode(rows))
        for place, path in group:
            for at in range(1, len(path) + 1):
                after[place].setdefault(path[:at], _log_probabilities(next(logits)))
            self.outcomes[place].evaluated += len(path)
        self._cells.drop(forked)

    def _write(self, sequences: dict[int, int], start: int, logits: dict[int, numpy.ndarray]) -> None:
        """All of them token by token together, until the last one is done."""
        position = {place: start + len(self._leaves[place].tail) for place in sequences}
        with ExitStack() as stack:
            writers = {place: self._writer(place, stack) for place in sequences}
            while logits:
                with self.charged(dict.fromkeys(logits, 1)):
                    chosen = {place: writers[place].take(one) for place, one in logits.items()}
                    rows = {
                        place: Row((sequences[place],), position[place], token, True)
                        for place, token in chosen.items()
                        if token is not None
                    }
                    logits = dict(zip(rows, self._cells.decode(list(rows.values())), strict=True))
                for place in rows:
                    position[place] += 1
            for place, writer in writers.items():
                self.outcomes[place].written = tuple(writer.written)
                self.outcomes[place].evaluated = len(writer.written)

    def _writer(self, place: int, stack: ExitStack) -> Writer:
        leaf = self._leaves[place]
        grammar = stack.enter_context(open_grammar(self._vocabulary, leaf.grammar)) if leaf.grammar else None
        return Writer(leaf, self._vocabulary, chooser(self._sampling, place), grammar)


def _score(choice: Tokens, after: dict[Tokens, numpy.ndarray]) -> float:
    return sum(float(after[choice[:at]][token]) for at, token in enumerate(choice))


def _log_probabilities(logits: numpy.ndarray) -> numpy.ndarray:
    """float64, shape (vocabulary,)"""
    import numpy

    values = logits.astype(numpy.float64)
    values -= values.max()
    scores: numpy.ndarray = values - numpy.log(numpy.exp(values).sum())
    return scores
