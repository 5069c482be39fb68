"""One answer as it is written: which token comes next, and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lrev.model.grammar import Grammar
from lrev.model.leaves import Leaf
from lrev.model.vocabulary import Vocabulary
from lrev.types import Sampling

if TYPE_CHECKING:
    import numpy

# Logits and grammar -> the next token, or None where the grammar allows none.
Choose = Callable[["numpy.ndarray", Grammar | None], int | None]

# So many of the likeliest are asked about before all are.
_FEW = 64
# A JSON value that ends with one of these cannot go on. A number could: 1, 12.
_CLOSING = (b"}", b"]", b'"')


class Writer:
    """Takes the model's scores, gives the tokens to evaluate."""

    def __init__(self, leaf: Leaf, vocabulary: Vocabulary, choose: Choose, grammar: Grammar | None) -> None:
        self.written: list[int] = []
        self._leaf = leaf
        self._vocabulary = vocabulary
        self._choose = choose
        self._grammar = grammar
        self._data = b""

    def take(self, logits: numpy.ndarray) -> int | None:
        """The next token, None when nothing comes after what is written: that token need not be evaluated."""
        if len(self.written) == self._leaf.max_tokens:
            return None
        token = self._choose(logits, self._grammar)
        if token is None or self._vocabulary.ends(token):
            return None
        self.written.append(token)
        self._data += self._vocabulary.piece(token)
        if self._grammar is not None:
            self._grammar.accept(token)
        return None if self._done() else token

    def _done(self) -> bool:
        if len(self.written) == self._leaf.max_tokens:
            return True
        if self._grammar is None:
            return b"\n" in self._data
        return self._data.endswith(_CLOSING) and self._grammar.may_end()


def chooser(sampling: Sampling, place: int) -> Choose:
    """The likeliest token at temperature 0, else one at random by (seed, `place` in the plan)."""
    if sampling.temperature <= 0:
        return likeliest
    import numpy

    return Sampler(sampling.temperature, numpy.random.default_rng((sampling.seed, place))).choose


def likeliest(logits: numpy.ndarray, grammar: Grammar | None) -> int | None:
    """The lower of two equal ones."""
    import numpy

    best = int(logits.argmax())
    if grammar is None or grammar.allows((best,))[0]:
        return best
    for count in (min(_FEW, len(logits)), len(logits)):
        tokens = numpy.sort(numpy.argpartition(-logits, count - 1)[:count])
        allowed = tokens[grammar.allows(tokens)]
        if len(allowed):
            return int(allowed[logits[allowed].argmax()])
    return None


class Sampler:
    """Draws from the model's distribution at a temperature, or from what the grammar leaves of it.

    A first draw that is allowed stands, else one is drawn among those that are: together that is the distribution
    under the grammar, and the whole vocabulary is seldom asked about.
    """

    def __init__(self, temperature: float, random: numpy.random.Generator) -> None:
        self._temperature = temperature
        self._random = random

    def choose(self, logits: numpy.ndarray, grammar: Grammar | None) -> int | None:
        import numpy

        first = self._draw(logits)
        if grammar is None or grammar.allows((first,))[0]:
            return first
        allowed = numpy.flatnonzero(grammar.allows(numpy.arange(len(logits))))
        return int(allowed[self._draw(logits[allowed])]) if len(allowed) else None

    def _draw(self, logits: numpy.ndarray) -> int:
        import numpy

        scaled = logits.astype(numpy.float64) / self._temperature
        weights = numpy.cumsum(numpy.exp(scaled - scaled.max()))
        return int(numpy.searchsorted(weights, self._random.random() * weights[-1], side="right"))
