"""What the engine is asked and what it answers, in tokens."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from lrev.model.tokenizer import Tokens

# A prefix as it is evaluated: stretches of at most a batch, which end where a group of the prompt does.
Chunks = tuple[Tokens, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One question. Without choices it is written: under a GBNF `grammar` if there is one, else to the end of a line.

    `prefix` is in groups that are evaluated apart, the first of which (system and rules) is worth keeping on the disk.
    """

    prefix: tuple[Tokens, ...]
    tail: Tokens
    choices: tuple[Tokens, ...] = ()
    max_tokens: int = 0
    grammar: str = ""

    @property
    def cells(self) -> int:
        """The most that it needs beside its prefix while it is answered."""
        longest = max((len(path) for path in self.paths), default=0)
        return len(self.tail) + (longest if self.choices else self.max_tokens)

    @property
    def paths(self) -> tuple[Tokens, ...]:
        """Tokens after which the choices' further ones are scored, in an order of their own; none begins another."""
        wanted = sorted({choice[:-1] for choice in self.choices if len(choice) > 1})
        return tuple(path for path, after in pairwise((*wanted, ())) if after[: len(path)] != path)


@dataclass(slots=True)
class Outcome:
    """`scores` are log-probabilities of the choices. Read and reused tokens sum to the length of the prompt.

    `seconds` is the leaf's share of the wall time: that of a batch is parted by tokens, and what was read before the
    questions of a function goes to the first of them.
    """

    scores: tuple[float, ...] = ()
    written: Tokens = ()
    read: int = 0
    reused: int = 0
    evaluated: int = 0
    seconds: float = 0.0

    def add_account(self, other: Outcome) -> None:
        """What was done for the same question before."""
        self.read += other.read
        self.reused += other.reused
        self.evaluated += other.evaluated
        self.seconds += other.seconds
