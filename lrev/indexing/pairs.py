"""Which call undoes which, from how often the whole tree does so; no list of functions takes part, but verbs do
(`c_undoing`): what is mined only holds a call against those that may begin what it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrev.indexing.found import ApiPair
from lrev.indexing.related import Related

if TYPE_CHECKING:
    from lrev.indexing.reader import Index

# What a release must reach among all that is done to the same thing on the way out. On 6.1 `btrfs_free_path` is 69% of
# what follows `btrfs_alloc_path`, `device_unregister` 23% for `device_register`; what comes by chance is below 10%.
_LEAST_SHARE = 0.2
_LEAST_TIMES = 3
# Rarely used functions: two places that agree, and hardly another.
_CLEAR_SHARE = 0.6
_CLEAR_TIMES = 2


def undone_by(index: Index, acquire: str) -> tuple[ApiPair, ...]:
    """The calls that undo `acquire`, the most frequent first."""
    pairs = _pairs(acquire, Counter(_after(index, acquire)))
    # A lock that is dropped and taken again is no unlock that is undone by locking.
    return tuple(pair for pair in pairs if pair.times > Counter(_after(index, pair.release))[acquire])


def undoes(index: Index, release: str) -> tuple[ApiPair, ...]:
    """The calls that `release` undoes, the most frequent first."""
    before = Counter(name for segment in index.segments for name in Related(segment).acquired_before(release))
    found = [pair for name in before for pair in undone_by(index, name) if pair.release == release]
    return tuple(sorted(found, key=lambda pair: (-pair.times, pair.acquire)))


def _after(index: Index, acquire: str) -> Iterator[str]:
    for segment in index.segments:
        yield from Related(segment).released_after(acquire)


def _pairs(acquire: str, releases: Counter[str]) -> Iterator[ApiPair]:
    total = releases.total()
    for release, times in sorted(releases.items(), key=lambda one: (-one[1], one[0])):
        share = times / total
        if (share >= _LEAST_SHARE and times >= _LEAST_TIMES) or (share >= _CLEAR_SHARE and times >= _CLEAR_TIMES):
            yield ApiPair(acquire, release, times, total)
