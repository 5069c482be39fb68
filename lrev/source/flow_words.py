"""Which words may still matter from a vertex of a function's graph on: those of everything that can follow."""

from __future__ import annotations

import re

from lrev.source.c_nodes import text
from lrev.source.flow_graph import Vertex

_WORD = re.compile(r"\w+")


class WordsAhead:
    """For each vertex the words, and the conditions as written, of itself and of all that can follow."""

    def __init__(self, start: Vertex, data: bytes) -> None:
        self._numbers: dict[str, int] = {}
        vertices = _reachable(start)
        own = {id(vertex): self._bits(text(vertex.node, data) if vertex.kind.is_read else "") for vertex in vertices}
        before: dict[int, list[Vertex]] = {}
        for vertex in vertices:
            for edge in vertex.edges:
                before.setdefault(id(edge.target), []).append(vertex)
        self._ahead = dict(own)
        waiting = list(vertices)
        while waiting:
            vertex = waiting.pop()
            for earlier in before.get(id(vertex), ()):
                together = self._ahead[id(earlier)] | self._ahead[id(vertex)]
                if together != self._ahead[id(earlier)]:
                    self._ahead[id(earlier)] = together
                    waiting.append(earlier)

    def matters(self, vertex: Vertex, written: str) -> bool:
        """Whether a condition, or the last word of a variable, stands in something from `vertex` on."""
        number = self._numbers.get(written)
        if number is None:
            words = _WORD.findall(written)
            number = self._numbers.get(words[-1]) if words else None
        return number is not None and bool(self._ahead[id(vertex)] >> number & 1)

    def _bits(self, written: str) -> int:
        bits = 0
        for word in (*_WORD.findall(written), written):
            bits |= 1 << self._numbers.setdefault(word, len(self._numbers))
        return bits


def _reachable(start: Vertex) -> list[Vertex]:
    found = {id(start): start}
    waiting = [start]
    while waiting:
        for edge in waiting.pop().edges:
            if id(edge.target) not in found:
                found[id(edge.target)] = edge.target
                waiting.append(edge.target)
    return list(found.values())
