"""Which states of prefixes are kept in memory beside the cache: bounded, and those that will be asked for again first.

Only the books are kept here; the states themselves are the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from lrev.model.leaves import Chunks


class Parking:
    """`size` tells the bytes of the state of a prefix with so many tokens."""

    def __init__(self, limit_bytes: int, size: Callable[[int], int]) -> None:
        self._limit_bytes = limit_bytes
        self._size = size
        self._bytes: dict[Chunks, int] = {}  # the one used longest ago first
        self._expected: frozenset[Chunks] = frozenset()

    def kept(self) -> tuple[Chunks, ...]:
        """The one used last first."""
        return tuple(reversed(self._bytes))

    def expect(self, coming: Iterable[Chunks]) -> None:
        """The prefixes that the rest of the plan asks for."""
        self._expected = frozenset(coming)

    def touch(self, chunks: Chunks) -> None:
        self._bytes[chunks] = self._bytes.pop(chunks)

    def make_room(self, chunks: Chunks, pinned: Chunks = ()) -> list[Chunks] | None:
        """What is given up for `chunks`: first what the plan does not ask for again, then what was used longest ago.

        None when it is not worth it, or when it never fits. `pinned` is never given up.
        """
        needed = self._size(sum(map(len, chunks)))
        if needed > self._limit_bytes:
            return None
        given: list[Chunks] = []
        free = self._limit_bytes - sum(self._bytes.values())
        for one in sorted(self._bytes, key=self._expected.__contains__):  # stable: the oldest first
            if free >= needed:
                break
            if one == pinned:
                continue
            if one in self._expected and chunks not in self._expected:
                return None
            given.append(one)
            free += self._bytes[one]
        if free < needed:
            return None
        for one in given:
            del self._bytes[one]
        return given

    def add(self, chunks: Chunks) -> None:
        self._bytes[chunks] = self._size(sum(map(len, chunks)))

    def clear(self) -> None:
        self._bytes.clear()
