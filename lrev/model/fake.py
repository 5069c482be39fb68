"""Models without weights, for tests and for trying the flow out: the same protocols, answers made up on purpose."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.errors import ContextOverflow
from lrev.types import LIKELIEST, Answer, Prompt, QuestionKind, Sampling

if TYPE_CHECKING:
    import numpy

# What the answer callback returns: the line or JSON of a short question, the probabilities of a closed one.
FakeAnswer = str | tuple[float, ...]

_OVERHEAD_TOKENS = 8  # as many control tokens as ChatML puts around a prompt, roughly


def undecided(prompt: Prompt) -> FakeAnswer:
    """Every choice as likely as the other, and no line."""
    choices = prompt.question.choices
    return tuple(1 / len(choices) for _ in choices) if prompt.question.kind is QuestionKind.CLOSED else ""


@dataclass(frozen=True, slots=True)
class FakeGenerator:
    """Answers with `answers`; a token is a word, and a segment shared with the prompt before counts as reused."""

    answers: Callable[[Prompt], FakeAnswer] = undecided
    name: str = "fake"
    sha256: str = "f" * 64
    context_tokens: int = 4096

    def count(self, text: str) -> int:
        return len(text.split())

    def overhead(self, prompt: Prompt) -> int:
        return _OVERHEAD_TOKENS + self.count(prompt.question.lead)

    def forget(self) -> None:
        """Nothing is kept from one call to the next."""

    def answer(self, prompts: Sequence[Prompt], sampling: Sampling = LIKELIEST) -> list[Answer]:  # noqa: ARG002
        for prompt in prompts:
            needed = self._length(prompt) + prompt.question.max_tokens
            if needed > self.context_tokens:
                raise ContextOverflow(
                    f"question '{prompt.question.id}' needs {needed} tokens, "
                    f"and the context of '{self.name}' holds {self.context_tokens}"
                )
        before: tuple[str, ...] = ()
        answered = []
        for prompt in prompts:
            answered.append(self._answer(prompt, before))
            before = prompt.segments
        return answered

    def _answer(self, prompt: Prompt, before: tuple[str, ...]) -> Answer:
        shared = next(
            (at for at, (one, other) in enumerate(zip(prompt.segments, before, strict=False)) if one != other),
            min(len(prompt.segments), len(before)),
        )
        reused = sum(map(self.count, prompt.segments[:shared]))
        read = self._length(prompt) - reused
        answer = self.answers(prompt)
        if isinstance(answer, str):
            return Answer(prompt.question.id, answer, (), read, reused, self.count(answer))
        text = prompt.question.choices[answer.index(max(answer))]
        return Answer(prompt.question.id, text, answer, read, reused)

    def _length(self, prompt: Prompt) -> int:
        text = sum(map(self.count, prompt.segments)) + self.count(prompt.question.text)
        return text + self.overhead(prompt)


@dataclass(frozen=True, slots=True)
class FakeEmbedder:
    """Unit vectors from a hash of the text: equal texts are equal, all others unrelated."""

    name: str = "fake"
    sha256: str = "e" * 64
    dimension: int = 16

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        import numpy

        rows = [self._row(text) for text in texts]
        vectors = numpy.asarray(rows, dtype=numpy.float32).reshape(len(texts), self.dimension)
        unit: numpy.ndarray = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def _row(self, text: str) -> list[float]:
        """Two bytes of hash a dimension, centred on 0; 65535 is odd, so that no entry and no row is 0."""
        digest = hashlib.shake_256(text.encode("utf-8", "surrogatepass")).digest(2 * self.dimension)
        return [int.from_bytes(digest[at : at + 2], "little") - 65535 / 2 for at in range(0, 2 * self.dimension, 2)]
