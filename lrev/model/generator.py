"""A Generator on one model file: what a prompt costs, how sure the model is of a choice, and what it writes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lrev.errors import ContextOverflow
from lrev.model.engine import Engine
from lrev.model.loading import Load, open_model
from lrev.model.prompt_format import PromptFormat, gap, prompt_format
from lrev.model.tokenizer import Tokens
from lrev.types import Answer, Generator, Prompt, Question, QuestionKind

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """A generator of models.toml as it is opened; `context_tokens` is the room that is made, not the model's limit."""

    name: str
    sha256: str
    path: Path
    context_tokens: int
    prompt_format: str
    threads: int = 0
    batch_tokens: int = 512
    gpu_layers: int = 0


@contextmanager
def open_generator(spec: EngineSpec) -> Iterator[Generator]:
    """Raises ModelMissing for a file that is not GGUF, MachineError where llama.cpp cannot load it."""
    form = prompt_format(spec.prompt_format)
    load = Load(spec.path, spec.context_tokens, spec.threads, spec.batch_tokens, spec.gpu_layers)
    with open_model(load) as loaded:
        yield LocalGenerator(spec.name, spec.sha256, spec.context_tokens, form, Engine(loaded))


@dataclass(frozen=True, slots=True)
class LocalGenerator:
    """Reads each prompt as its segments' tokens; a prefix shared with the prompt before is read once.

    In its answers, `tokens_read` and `tokens_reused` are those of the prompt and sum to its length; `tokens_written`
    are those evaluated or chosen after it.
    """

    name: str
    sha256: str
    context_tokens: int
    form: PromptFormat
    engine: Engine

    def count(self, text: str) -> int:
        return len(self.engine.tokenize(text))

    def overhead(self, prompt: Prompt) -> int:
        """Control tokens and the lead: what a prompt's length is beyond the counts of its segments and question."""
        plain = sum(self.count(segment) for segment in prompt.segments) + self.count(prompt.question.text)
        return self._length(prompt) - plain

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        for prompt in prompts:
            self._require_room(prompt)
        return [self._answer(prompt) for prompt in prompts]

    def _require_room(self, prompt: Prompt) -> None:
        length, room = self._length(prompt), self._room(prompt)
        if length + room > self.context_tokens:
            raise ContextOverflow(
                f"question '{prompt.question.id}' needs {length} tokens and {room} for its answer, "
                f"and the context of '{self.name}' holds {self.context_tokens}",
                "lower prompt_tokens in lrev.toml, or choose a model with a larger context",
            )

    def _length(self, prompt: Prompt) -> int:
        return sum(map(len, self._groups(prompt)))

    def _room(self, prompt: Prompt) -> int:
        """Tokens that may follow the prompt in the cache."""
        if prompt.question.kind is QuestionKind.SHORT:
            return prompt.question.max_tokens
        return max(len(choice) for choice in self._choices(prompt)) - 1

    def _groups(self, prompt: Prompt) -> list[Tokens]:
        groups: list[Tokens] = []
        for group in self.form.groups(prompt):
            tokens = () if groups else self.engine.opening()
            for piece in group:
                tokens += self.engine.tokenize(piece.text, control=piece.control)
            groups.append(tokens)
        return groups

    def _choices(self, prompt: Prompt) -> list[Tokens]:
        """Where one choice begins like another (1 and 12), each is read to the end of the turn: 1 is not also 12."""
        choices = [self.engine.tokenize(gap(prompt) + choice) for choice in prompt.question.choices]
        if _one_begins_another(choices):
            end = self.engine.tokenize(self.form.after_answer, control=True)
            return [choice + end for choice in choices]
        return choices

    def _answer(self, prompt: Prompt) -> Answer:
        question = prompt.question
        reading, scores = self.engine.read(self._groups(prompt))
        if question.kind is QuestionKind.CLOSED:
            choices = self._choices(prompt)
            probabilities = _normalised([self._log_probability(choice, scores) for choice in choices])
            text = question.choices[probabilities.index(max(probabilities))]
            written = sum(len(choice) - 1 for choice in choices)
        else:
            text, written = self._line(question, scores)
            probabilities = ()
        return Answer(question.id, text, probabilities, reading.read, reading.reused, written)

    def _log_probability(self, choice: Tokens, scores: numpy.ndarray) -> float:
        """Of the whole choice, each token given those before it."""
        first = float(scores[choice[0]])
        if len(choice) == 1:
            return first
        with self.engine.trial():
            following = self.engine.extend(choice[:-1])
        return first + sum(float(one[token]) for one, token in zip(following, choice[1:], strict=True))

    def _line(self, question: Question, scores: numpy.ndarray) -> tuple[str, int]:
        """The likeliest next token, again and again, to the end of the line. The lower of two equal ones."""
        data = b""
        written = 0
        while written < question.max_tokens:
            token = int(scores.argmax())
            if self.engine.ends(token):
                break
            written += 1
            data += self.engine.piece(token)
            if b"\n" in data or written == question.max_tokens:
                break
            scores = self.engine.extend((token,))[-1]
        return data.partition(b"\n")[0].decode("utf-8", "replace").strip(), written


def _one_begins_another(choices: Sequence[Tokens]) -> bool:
    return any(len(one) < len(other) and other[: len(one)] == one for one in choices for other in choices)


def _normalised(log_probabilities: Sequence[float]) -> tuple[float, ...]:
    most = max(log_probabilities)
    weights = [math.exp(one - most) for one in log_probabilities]
    return tuple(weight / sum(weights) for weight in weights)
