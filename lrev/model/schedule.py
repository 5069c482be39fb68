"""Leaves -> what is done for them, step by step. Nothing here knows a model or a clock.

Floating-point sums differ with the shape of a batch and with where in the cache a token stands. So everything that
could change either follows from the leaves alone:

- Consecutive leaves over one prefix are a visit. It starts from one layout: the prefix in cells 0..n in order, all
  others empty, evaluated in the same chunks whatever was there before. Chunks that are still there, or that come back
  from a parked state, hold the very same numbers (docs/decisions/0005-the-engine.md).
- The leaves of a visit are answered in waves, each from that layout: closed questions as many as one batch holds,
  then those that are written, which go on token by token together. What questions begin with alike is evaluated once.

Only how fast an answer comes may depend on what was asked before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from lrev.errors import ContextOverflow
from lrev.model.leaves import Chunks, Leaf
from lrev.model.parking import Parking
from lrev.model.stems import Stems
from lrev.model.tokenizer import Tokens


@dataclass(frozen=True, slots=True)
class Limits:
    """`width` sequences may stand beside the prefix at once. Without `trims` a prefix is never cut to a shorter one."""

    batch_tokens: int
    cells: int
    width: int
    trims: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """Save the state of the prefix, which is `chunks`."""

    chunks: Chunks


@dataclass(frozen=True, slots=True)
class Discard:
    chunks: Chunks


@dataclass(frozen=True, slots=True)
class Restore:
    """Empty the cache, then bring back a parked state."""

    chunks: Chunks


@dataclass(frozen=True, slots=True)
class Trim:
    """Forget what is behind `chunks`; with none of them, everything."""

    chunks: Chunks


@dataclass(frozen=True, slots=True)
class Read:
    """Evaluate chunks behind what is there. `head`: they are the first group, which the disk may have."""

    chunks: Chunks
    head: bool = False


Move = Park | Discard | Restore | Trim | Read


@dataclass(frozen=True, slots=True)
class Visit:
    """The moves that bring `chunks` into the cache, then the waves: places of leaves that are answered together.

    `read_tokens` are those of the prefix that no cell and no parked state had.
    """

    chunks: Chunks
    moves: tuple[Move, ...]
    waves: tuple[tuple[int, ...], ...]
    read_tokens: int

    @property
    def tokens(self) -> int:
        return sum(map(len, self.chunks))


def schedule(leaves: Sequence[Leaf], held: Chunks, parking: Parking, limits: Limits) -> list[Visit]:
    """`held` is what the cache holds and `parking` what was parked, which is changed to what will be.

    Raises ContextOverflow, with the numbers, if a leaf does not fit the cache.
    """
    for leaf in leaves:
        _require_cells(leaf, limits)
    runs = [tuple(run) for _, run in groupby(range(len(leaves)), key=lambda place: leaves[place].prefix)]
    prefixes = [leaves[run[0]].prefix for run in runs]
    groups = [[_cut(group, limits.batch_tokens) for group in prefix] for prefix in prefixes]
    chunks = [tuple(chain.from_iterable(group)) for group in groups]
    visits = []
    for number, run in enumerate(runs):
        wanted = chunks[number]
        parking.expect(chunks[number + 1 :])
        moves = list(_moves(groups[number], held, parking, limits))
        read = sum(len(one) for move in moves if isinstance(move, Read) for one in move.chunks)
        visits.append(Visit(wanted, tuple(moves), tuple(_waves(run, leaves, limits)), read))
        held = wanted
    return visits


def _require_cells(leaf: Leaf, limits: Limits) -> None:
    needed = sum(map(len, leaf.prefix)) + leaf.cells
    if needed > limits.cells:
        raise ContextOverflow(f"a question needs {needed} cells of the cache, which has {limits.cells}")


def _cut(group: Tokens, batch_tokens: int) -> Chunks:
    return tuple(group[at : at + batch_tokens] for at in range(0, len(group), batch_tokens))


def common(one: Chunks, other: Chunks) -> int:
    """How many chunks both begin with."""
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))


def _moves(groups: Sequence[Chunks], held: Chunks, parking: Parking, limits: Limits) -> Iterator[Move]:
    """From `held` to the groups, through the parked state that has most of them if that is more than is held."""
    wanted = tuple(chain.from_iterable(groups))
    kept = _usable(held, wanted, limits)
    parked = max(parking.kept(), key=lambda one: _usable(one, wanted, limits), default=())
    if _usable(parked, wanted, limits) > kept:
        yield from _leave(held, parking, limits, pinned=parked)
        parking.touch(parked)
        yield Restore(parked)
        held, kept = parked, _usable(parked, wanted, limits)
    elif kept < len(held):
        yield from _leave(held, parking, limits)
    if kept < len(held):
        yield Trim(wanted[:kept])
    end = 0
    for group in groups:
        end += len(group)
        if kept >= end:
            continue
        yield Read(wanted[kept:end], head=kept == 0)
        kept = end
        if not limits.trims and end < len(wanted):  # what follows can be forgotten in no other way
            yield from _leave(wanted[:end], parking, limits)


def _usable(there: Chunks, wanted: Chunks, limits: Limits) -> int:
    """How many chunks of `wanted` can be had of a state: without trimming, all that it has must be wanted."""
    same = common(there, wanted)
    return same if limits.trims or same == len(there) else 0


def _leave(held: Chunks, parking: Parking, limits: Limits, pinned: Chunks = ()) -> Iterator[Move]:
    """Park what is held, unless a parked state that can be trimmed has it all."""
    if not held or any(one[: len(held)] == held for one in parking.kept() if limits.trims or one == held):
        return
    discarded = parking.make_room(held, pinned)
    if discarded is None:
        return
    yield from map(Discard, discarded)
    parking.add(held)
    yield Park(held)


def _waves(run: Sequence[int], leaves: Sequence[Leaf], limits: Limits) -> Iterator[tuple[int, ...]]:
    free = limits.cells - sum(map(len, leaves[run[0]].prefix))
    for closed in (True, False):
        wave: list[int] = []
        cells, stems = 0, Stems()
        for place in (one for one in run if bool(leaves[one].choices) is closed):
            leaf = leaves[place]
            new = len(leaf.tail) - stems.shared(leaf.tail)
            too_long = closed and len(stems.nodes) + new > limits.batch_tokens
            if wave and (too_long or cells + leaf.cells > free or len(wave) == limits.width):
                yield tuple(wave)
                wave, cells, stems = [], 0, Stems()
            wave.append(place)
            cells += leaf.cells
            stems.add(place, leaf.tail)
        if wave:
            yield tuple(wave)
