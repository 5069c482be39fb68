"""A model that reads letters: as much of Cells and Vocabulary as the engine asks of them, without llama.cpp."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import cast

import numpy

from lrev.errors import MachineError
from lrev.model.cells import TRUNK, Cells, Row
from lrev.model.engine import Engine
from lrev.model.parking import Parking
from lrev.model.prefixes import Prefixes
from lrev.model.vocabulary import Vocabulary

END = 0
LETTERS = 128
# After a text written so far, the likelihoods of the next letter.
Follows = dict[str, dict[str, float]]


class LetterVocabulary:
    """A token is an ASCII letter."""

    def opening(self) -> tuple[int, ...]:
        return ()

    def tokenize(self, text: str, *, control: bool = False) -> tuple[int, ...]:
        return tuple(text.encode("ascii"))

    def piece(self, token: int, *, control: bool = False) -> bytes:
        return bytes([token])

    def ends(self, token: int) -> bool:
        return token == END


class LetterCells:
    """`log` tells what was done, and `batches` the shape of each evaluation: letters a sequence.

    With `trims` False it is a model that has one sequence and refuses to cut it.
    """

    def __init__(self, follows: Follows, *, batch_tokens: int = 64, count: int = 512, trims: bool = True) -> None:
        self.follows = follows
        self.batch_tokens = batch_tokens
        self.count = count
        self.trims = trims
        self.width = 8 if trims else 1
        self.log: list[str] = []
        self.batches: list[dict[int, int]] = []
        self.fails = False
        self._texts: dict[int, str] = {TRUNK: ""}
        self._asked: dict[int, int] = {}  # where the prompt of a sequence ends
        self._saved: list[str] = []

    @property
    def prompts(self) -> list[str]:
        return [line.removeprefix("ask ") for line in self.log if line.startswith("ask ")]

    def decode(self, rows: Sequence[Row]) -> list[numpy.ndarray]:
        if self.fails:
            raise MachineError("on purpose")
        shape: dict[int, int] = {}
        found = []
        for row in rows:
            first = row.sequences[0]
            assert len({self._texts[one] for one in row.sequences}) == 1
            for one in row.sequences:
                assert row.position == len(self._texts[one])
                self._texts[one] += chr(row.token)
            shape[first] = shape.get(first, 0) + 1
            if row.wanted:
                found.append(self._logits(row.sequences))
        if rows:
            self.batches.append(shape)
            if not any(row.wanted for row in rows):
                self.log.append("read " + "".join(chr(row.token) for row in rows))
        assert sum(map(len, self._texts.values())) <= self.count * len(self._texts)
        return found

    def _logits(self, sequences: Sequence[int]) -> numpy.ndarray:
        sequence = sequences[0]
        text = self._texts[sequence]
        if sequence not in self._asked:
            self._asked.update(dict.fromkeys(sequences, len(text)))
            self.log.append(f"ask {text}")
        logits = numpy.full(LETTERS, -math.inf, dtype=numpy.float32)
        for letter, likelihood in self.follows[text[self._asked[sequence] :]].items():
            logits[ord(letter)] = math.log(likelihood)
        return logits

    def fork(self, parent: int, count: int) -> list[int]:
        if not self.trims:
            assert (parent, count) == (TRUNK, 1)
            self._saved.append(self._texts[TRUNK])
            return [TRUNK]
        free = [one for one in range(1, self.width + 1) if one not in self._texts][:count]
        assert len(free) == count
        for one in free:
            self._texts[one] = self._texts[parent]
            if parent in self._asked:
                self._asked[one] = self._asked[parent]
        return free

    def drop(self, sequences: Sequence[int]) -> None:
        for one in sequences:
            if self.trims:
                del self._texts[one]
                self._asked.pop(one, None)
                continue
            self._texts[TRUNK] = self._saved.pop()
            if not self._saved:
                self._asked.clear()

    def bring_back(self, state: Iterable[int]) -> None:
        assert self.restore(state)

    def settle(self) -> None:
        """Its cells are a list, which is in one layout always."""

    def trim(self, tokens: int) -> None:
        assert self.trims
        self._texts[TRUNK] = self._texts[TRUNK][:tokens]
        self.log.append(f"trim {self._texts[TRUNK]}")

    def clear(self) -> None:
        self._texts = {TRUNK: ""}
        self._asked = {}
        self._saved = []
        self.log.append("clear")

    def save(self) -> bytes:
        self.log.append(f"park {self._texts[TRUNK]}")
        return self._texts[TRUNK].encode()

    def restore(self, state: Iterable[int]) -> bool:
        self._texts = {TRUNK: bytes(state).decode()}
        self.log.append(f"back {self._texts[TRUNK]}")
        return True


def letter_engine(
    cells: LetterCells,
    *,
    parked: int = 1000,
    size: Callable[[int], int] = lambda tokens: tokens,
    prefixes: Prefixes | None = None,
) -> Engine:
    return Engine(cast("Cells", cells), cast("Vocabulary", LetterVocabulary()), Parking(parked, size), prefixes)
