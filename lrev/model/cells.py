"""The cache of one model: sequences of cells that are evaluated, copied, dropped, saved and restored.

Sequence 0 is the trunk, which holds a prefix; the others stand beside it and share its cells.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lrev.errors import MachineError
from lrev.model.loading import Loaded

if TYPE_CHECKING:
    import numpy

TRUNK = 0
_TRUNK_ALONE = (TRUNK,)
# A state as llama.cpp writes it: only ever read back by the build that wrote it.
State = ctypes.Array[ctypes.c_uint8]


class Row(NamedTuple):
    """A token at a position of the sequences that run through it; `wanted`: what may follow it is asked for."""

    sequences: Sequence[int]
    position: int
    token: int
    wanted: bool


class Cells:
    """Not for several threads. `width` sequences may stand beside the trunk; `decode_seconds` is spent in llama.cpp."""

    trims = True

    def __init__(self, loaded: Loaded) -> None:
        self.batch_tokens = loaded.batch_tokens
        self.count: int = loaded.native.llama_n_ctx(loaded.context)
        self.width: int = loaded.native.llama_n_seq_max(loaded.context) - 1
        self.decode_seconds = 0.0
        self._native = loaded.native
        self._context = loaded.context
        self._memory = self._native.llama_get_memory(loaded.context)
        vocabulary = self._native.llama_model_get_vocab(loaded.model)
        self._vocabulary_size: int = self._native.llama_vocab_n_tokens(vocabulary)
        self._batch = self._native.llama_batch_init(loaded.batch_tokens, 0, self.width + 1)
        self._free = list(range(self.width, TRUNK, -1))

    def close(self) -> None:
        self._native.llama_batch_free(self._batch)

    def decode(self, rows: Sequence[Row]) -> list[numpy.ndarray]:
        """Evaluate the rows, a batch at a time. For each one that is wanted its logits: float32, (vocabulary,).

        Raises MachineError when llama.cpp cannot; the cells are then in no known state until clear().
        """
        logits = []
        for start in range(0, len(rows), self.batch_tokens):
            part = rows[start : start + self.batch_tokens]
            self._evaluate(part)
            logits += [self._logits(at) for at, row in enumerate(part) if row.wanted]
        return logits

    def _evaluate(self, rows: Sequence[Row]) -> None:
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, row in enumerate(rows):
            batch.token[at] = row.token
            batch.pos[at] = row.position
            batch.n_seq_id[at] = len(row.sequences)
            for number, sequence in enumerate(row.sequences):
                batch.seq_id[at][number] = sequence
            batch.logits[at] = row.wanted
        started = time.perf_counter()
        code = self._native.llama_decode(self._context, batch)
        self.decode_seconds += time.perf_counter() - started
        if code != 0:
            place = f"{len(rows)} tokens at position {rows[0].position}"
            raise MachineError(f"the model cannot evaluate {place} (code {code})")

    def _logits(self, at: int) -> numpy.ndarray:
        import numpy

        found = self._native.llama_get_logits_ith(self._context, at)
        if not found:
            raise MachineError("the model gave no scores")
        logits: numpy.ndarray = numpy.ctypeslib.as_array(found, (self._vocabulary_size,)).copy()
        return logits

    def state_size(self) -> Callable[[int], int]:
        """Bytes that save() takes with so many tokens in the trunk, learned from one and two of them; leaves none."""
        sizes = []
        for position in range(2):
            self.decode([Row(_TRUNK_ALONE, position, 0, False)])
            sizes.append(self._native.llama_state_seq_get_size(self._context, TRUNK))
        self.clear()
        one, two = sizes
        return lambda tokens: one + (two - one) * (tokens - 1)

    def fork(self, parent: int, count: int) -> list[int]:
        """So many sequences that continue `parent`; there must be as many left of `width`."""
        forked = [self._free.pop() for _ in range(count)]
        for one in forked:
            self._native.llama_memory_seq_cp(self._memory, parent, one, -1, -1)
        return forked

    def drop(self, sequences: Sequence[int]) -> None:
        """Forget them. Their numbers are given out again in the same order."""
        for one in sequences:
            self._native.llama_memory_seq_rm(self._memory, one, -1, -1)
        self._free = sorted({*self._free, *sequences}, reverse=True)

    def trim(self, tokens: int) -> None:
        """Forget the trunk behind its first `tokens`. Raises MachineError where the model cannot."""
        if not self._native.llama_memory_seq_rm(self._memory, TRUNK, tokens, -1):
            raise MachineError(f"the model cannot forget what is behind token {tokens}")

    def clear(self) -> None:
        self._native.llama_memory_clear(self._memory, False)
        self._free = list(range(self.width, TRUNK, -1))

    def save(self) -> State:
        """The state of the trunk."""
        size = self._native.llama_state_seq_get_size(self._context, TRUNK)
        state: State = (ctypes.c_uint8 * size)()
        if self._native.llama_state_seq_get_data(self._context, state, size, TRUNK) != size:
            raise MachineError(f"llama.cpp saved less than the {size} bytes of a prefix")
        return state

    def restore(self, state: State) -> bool:
        """The trunk as it was saved, in an empty cache. False, and an empty cache, where llama.cpp does not take it."""
        self.clear()
        if self._native.llama_state_seq_set_data(self._context, state, len(state), TRUNK):
            return True
        self.clear()
        return False

    def bring_back(self, state: State) -> None:
        """As restore(), of a state that this process saved: one that is not taken raises MachineError."""
        if not self.restore(state):
            raise MachineError("llama.cpp does not take back the state that it saved")

    def settle(self) -> None:
        """Bring the trunk into the one layout that it has whether it was read or restored. Here it is in it already."""


class WindowedCells(Cells):
    """For a model some of whose layers see a window of the last tokens only.

    llama.cpp saves no cell that the window has left behind, so that a trunk that was restored stands elsewhere than one
    that was read, and cannot be cut to a shorter one.
    """

    trims = False

    def settle(self) -> None:
        self.bring_back(self.save())


class SavedCells(Cells):
    """For a model that cannot copy or trim a sequence, recurrent or hybrid: one sequence, saved and restored."""

    trims = False

    def __init__(self, loaded: Loaded) -> None:
        super().__init__(loaded)
        self.width = 1
        self._saved: list[State] = []

    def fork(self, parent: int, count: int) -> list[int]:
        """The parent itself, whose state comes back when the fork is dropped."""
        assert parent == TRUNK and count == 1
        self._saved.append(self.save())
        return [TRUNK]

    def drop(self, sequences: Sequence[int]) -> None:
        for _ in sequences:
            *outer, state = self._saved
            self.bring_back(state)
            self._saved = outer

    def clear(self) -> None:
        super().clear()
        self._saved = []


def cells_of(loaded: Loaded) -> Cells:
    native = loaded.native
    if native.llama_model_is_recurrent(loaded.model) or native.llama_model_is_hybrid(loaded.model):
        return SavedCells(loaded)
    return WindowedCells(loaded) if native.llama_model_n_swa(loaded.model) > 0 else Cells(loaded)
