"""A Generator on one model file: what a prompt costs, how sure the model is of a choice, and what it writes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import ContextOverflow, ManifestError
from lrev.model.cells import cells_of
from lrev.model.engine import Engine
from lrev.model.grammar import grammar_of
from lrev.model.leaves import Leaf, Outcome
from lrev.model.loading import Load, Loaded, build, open_model
from lrev.model.parking import Parking
from lrev.model.prefixes import Prefixes
from lrev.model.prompt_format import PromptFormat, gap, prompt_format
from lrev.model.thinking import Thoughts
from lrev.model.tokenizer import Tokens
from lrev.model.vocabulary import Vocabulary
from lrev.types import LIKELIEST, Answer, Prompt, QuestionKind, Sampling

# The states of eleven functions of 2,300 tokens with a 1.5B model.
PARKED_MEGABYTES = 768
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """A generator of models.toml as it is opened; `context_tokens` is the room that is made, not the model's limit.

    `flash_attention` and `small_cache` (keys and values in 8 bits) do not pay on a CPU (docs/decisions/0005).
    `thinking_tokens` bounds what a thinking model thinks before it writes; 0: every thought is closed at once.
    `parked_megabytes` bounds the memory for contexts that may come back; `prefixes` is where what the model makes of
    the system text is kept, None for nowhere.
    """

    name: str
    sha256: str
    path: Path
    context_tokens: int
    prompt_format: str
    threads: int = 0
    batch_tokens: int = 512
    gpu_layers: int = 0
    flash_attention: bool = False
    small_cache: bool = False
    thinking_tokens: int = 0
    parked_megabytes: int = PARKED_MEGABYTES
    prefixes: Path | None = None


@contextmanager
def open_generator(spec: EngineSpec) -> Iterator[LocalGenerator]:
    """Raises ModelMissing for a file that is not GGUF, MachineError where llama.cpp cannot load it.

    Raises ManifestError for a prompt format that is not known, or that has no thinking when there is to be some.
    """
    form = prompt_format(spec.prompt_format)
    if spec.thinking_tokens and form.thinking is None:
        raise ManifestError(
            f"model '{spec.name}' has thinking_tokens, and prompt format '{spec.prompt_format}' no thinking",
            "take thinking_tokens out, or choose a prompt_format such as qwen3",
        )
    load = Load(
        spec.path,
        spec.context_tokens,
        spec.threads,
        spec.batch_tokens,
        spec.gpu_layers,
        spec.flash_attention,
        spec.small_cache,
    )
    with open_model(load) as loaded, _engine(loaded, spec) as engine:
        yield LocalGenerator(spec.name, spec.sha256, spec.context_tokens, form, engine, spec.thinking_tokens)


@contextmanager
def _engine(loaded: Loaded, spec: EngineSpec) -> Iterator[Engine]:
    with closing(cells_of(loaded)) as cells:
        parking = Parking(spec.parked_megabytes * _MEGABYTE, cells.state_size())
        opened = (spec.batch_tokens, spec.gpu_layers, spec.flash_attention, spec.small_cache)
        identity = f"{spec.sha256} {build(loaded.native)} {opened}"
        prefixes = Prefixes(spec.prefixes, identity) if spec.prefixes else None
        yield Engine(cells, Vocabulary(loaded), parking, prefixes)


@dataclass(frozen=True, slots=True)
class LocalGenerator:
    """Prompts to leaves and back; the engine decides what is evaluated when.

    In its answers, `tokens_read` and `tokens_reused` are those of the prompt and sum to its length; `tokens_written`
    are those evaluated or chosen after it. What the disk had of a prompt counts as read, so that a replay counts alike.
    What is thought about is read twice, before the thought and behind it; both count, and the thought as written.
    """

    name: str
    sha256: str
    context_tokens: int
    form: PromptFormat
    engine: Engine
    thinking_tokens: int = 0

    @property
    def thoughts(self) -> Thoughts:
        return Thoughts(self.form, self.engine.vocabulary, self.thinking_tokens)

    def count(self, text: str) -> int:
        return len(self.engine.vocabulary.tokenize(text))

    def overhead(self, prompt: Prompt) -> int:
        """Control tokens, lead and room for a thought: what it needs beyond the counts of segments and question."""
        plain = sum(self.count(segment) for segment in prompt.segments) + self.count(prompt.question.text)
        leaf = self.leaf(prompt)
        return sum(map(len, leaf.prefix)) + len(leaf.tail) + self.thoughts.room(prompt) - plain

    def answer(self, prompts: Sequence[Prompt], sampling: Sampling = LIKELIEST) -> list[Answer]:
        leaves = [self.leaf(prompt) for prompt in prompts]
        for prompt, leaf in zip(prompts, leaves, strict=True):
            self._require_room(prompt, leaf)
        outcomes = self.thoughts.run(self.engine, prompts, leaves, sampling)
        return [self._answer(*one) for one in zip(prompts, outcomes, strict=True)]

    def _require_room(self, prompt: Prompt, leaf: Leaf) -> None:
        length = sum(map(len, leaf.prefix)) + len(leaf.tail)
        room = leaf.cells - len(leaf.tail) + self.thoughts.room(prompt)
        if length + room > self.context_tokens:
            raise ContextOverflow(
                f"question '{prompt.question.id}' needs {length} tokens and {room} for its answer, "
                f"and the context of '{self.name}' holds {self.context_tokens}",
                "lower prompt_tokens in lrev.toml, or choose a model with a larger context",
            )

    def leaf(self, prompt: Prompt) -> Leaf:
        """What the engine is asked for a prompt."""
        question = prompt.question
        *prefix, tail = self._groups(prompt)
        if question.kind is QuestionKind.CLOSED:
            return Leaf(tuple(prefix), tail, self._choices(prompt))
        grammar = grammar_of(question.schema) if question.kind is QuestionKind.JSON else ""
        return Leaf(tuple(prefix), tail, (), question.max_tokens, grammar)

    def _groups(self, prompt: Prompt) -> list[Tokens]:
        groups: list[Tokens] = []
        for group in self.form.groups(prompt):
            tokens = () if groups else self.engine.vocabulary.opening()
            for piece in group:
                tokens += self._tokens(piece.text, control=piece.control)
            groups.append(tokens)
        return groups

    def _tokens(self, text: str, *, control: bool) -> Tokens:
        return self.engine.vocabulary.tokenize(text, control=control)

    def _choices(self, prompt: Prompt) -> tuple[Tokens, ...]:
        """Where one choice begins like another (1 and 12), each is read to the end of the turn: 1 is not also 12."""
        choices = [self._tokens(gap(prompt) + choice, control=False) for choice in prompt.question.choices]
        if _one_begins_another(choices):
            end = self._tokens(self.form.after_answer, control=True)
            return tuple(choice + end for choice in choices)
        return tuple(choices)

    def _answer(self, prompt: Prompt, outcome: Outcome) -> Answer:
        question = prompt.question
        probabilities = _normalised(outcome.scores) if outcome.scores else ()
        if probabilities:
            text = question.choices[probabilities.index(max(probabilities))]
        else:
            text = b"".join(map(self.engine.vocabulary.piece, outcome.written)).decode("utf-8", "replace").strip()
            if question.kind is QuestionKind.SHORT:
                text = text.partition("\n")[0].strip()
        return Answer(
            question.id,
            text,
            probabilities,
            outcome.read,
            outcome.reused,
            outcome.evaluated,
            outcome.seconds,
        )


def _one_begins_another(choices: Sequence[Tokens]) -> bool:
    return any(len(one) < len(other) and other[: len(one)] == one for one in choices for other in choices)


def _normalised(log_probabilities: Sequence[float]) -> tuple[float, ...]:
    most = max(log_probabilities)
    weights = [math.exp(one - most) for one in log_probabilities]
    return tuple(weight / sum(weights) for weight in weights)
