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
from lrev.model.leaves import Leaf, Outcome
from lrev.model.loading import Load, Loaded, build, open_model
from lrev.model.parking import Parking
from lrev.model.prefixes import Prefixes
from lrev.model.prompt_format import PromptFormat, prompt_format
from lrev.model.prompt_tokens import PromptTokens
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
        vocabulary = Vocabulary(loaded.native, loaded.native.llama_model_get_vocab(loaded.model))
        yield Engine(cells, vocabulary, parking, prefixes)


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
    def tokens(self) -> PromptTokens:
        return PromptTokens(self.form, self.engine.vocabulary, self.thinking_tokens)

    def count(self, text: str) -> int:
        return self.tokens.count(text)

    def overhead(self, prompt: Prompt) -> int:
        """What a prompt's length is beyond the counts of its segments and question."""
        return self.tokens.overhead(prompt)

    def leaf(self, prompt: Prompt) -> Leaf:
        """What the engine is asked for a prompt."""
        return self.tokens.leaf(prompt)

    def forget(self) -> None:
        """As if nothing had been asked; the account of what comes next is its own."""
        self.engine.forget()

    def answer(self, prompts: Sequence[Prompt], sampling: Sampling = LIKELIEST) -> list[Answer]:
        leaves = [self.leaf(prompt) for prompt in prompts]
        for prompt, leaf in zip(prompts, leaves, strict=True):
            self._require_room(prompt, leaf)
        outcomes = self.tokens.thoughts.run(self.engine, prompts, leaves, sampling)
        return [self._answer(*one) for one in zip(prompts, outcomes, strict=True)]

    def _require_room(self, prompt: Prompt, leaf: Leaf) -> None:
        length = sum(map(len, leaf.prefix)) + len(leaf.tail)
        room = leaf.cells - len(leaf.tail) + self.tokens.thoughts.room(prompt)
        if length + room > self.context_tokens:
            raise ContextOverflow(
                f"question '{prompt.question.id}' needs {length} tokens and {room} for its answer, "
                f"and the context of '{self.name}' holds {self.context_tokens}",
                "lower prompt_tokens in lrev.toml, or choose a model with a larger context",
            )

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


def _normalised(log_probabilities: Sequence[float]) -> tuple[float, ...]:
    most = max(log_probabilities)
    weights = [math.exp(one - most) for one in log_probabilities]
    return tuple(weight / sum(weights) for weight in weights)
