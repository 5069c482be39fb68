"""The beginnings that questions have in common, as a tree of tokens: each of its nodes is evaluated once.

The two orders of a closed question differ only from their statements on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lrev.model.tokenizer import Tokens


@dataclass(slots=True)
class Node:
    """A token at a position behind the prefix, the leaves whose tails run through it, and those that end there."""

    token: int
    position: int
    leaves: list[int] = field(default_factory=list)
    ending: list[int] = field(default_factory=list)
    after: dict[int, Node] = field(default_factory=dict)


class Stems:
    """`nodes` stand in the order in which they are evaluated, each behind those that it continues."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._after: dict[int, Node] = {}

    def shared(self, tail: Tokens) -> int:
        """How many of its tokens are here already."""
        after = self._after
        for count, token in enumerate(tail):
            if token not in after:
                return count
            after = after[token].after
        return len(tail)

    def add(self, place: int, tail: Tokens) -> int:
        """How many nodes are new."""
        before = len(self.nodes)
        after, node = self._after, None
        for position, token in enumerate(tail):
            node = after.get(token)
            if node is None:
                node = after[token] = Node(token, position)
                self.nodes.append(node)
            node.leaves.append(place)
            after = node.after
        assert node is not None, "a question has at least one token"
        node.ending.append(place)
        return len(self.nodes) - before
