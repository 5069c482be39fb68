"""Where a prompt's parts stand in the conversation a model was trained on; the only source of control tokens."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.errors import ManifestError
from lrev.types import Prompt


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is tokenised by itself. Only our own `control` text may become control tokens."""

    text: str
    control: bool = False


# Pieces that are always evaluated together, so that the same group meets the model in the same batch shape.
Group = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """Control text around the system turn, the user turn and the answer, which a model ends with `after_answer`."""

    before_system: str
    before_user: str
    before_answer: str
    after_answer: str

    def groups(self, prompt: Prompt) -> tuple[Group, ...]:
        """The system turn, one group a further segment, then the question up to the answer's lead."""
        system = prompt.segments[0] if prompt.segments else ""
        shared = tuple((Piece(segment),) for segment in prompt.segments[1:])
        head = (Piece(self.before_system, True), Piece(system), Piece(self.before_user, True))
        tail = (Piece(prompt.question.text), Piece(self.before_answer, True), Piece(lead(prompt)))
        return (head, *shared, tail)


# Qwen2.5 and SmolLM2 both speak ChatML (https://github.com/openai/openai-python/blob/v0.28.1/chatml.md).
_FORMATS = {
    "chatml": PromptFormat(
        before_system="<|im_start|>system\n",
        before_user="<|im_end|>\n<|im_start|>user\n",
        before_answer="<|im_end|>\n<|im_start|>assistant\n",
        after_answer="<|im_end|>",
    ),
    "plain": PromptFormat(before_system="", before_user="\n\n", before_answer="\n", after_answer="\n"),
}


def prompt_format(name: str) -> PromptFormat:
    """Raises ManifestError for a format that lrev does not know."""
    if name not in _FORMATS:
        raise ManifestError(f"no prompt format '{name}'", f"there are {', '.join(sorted(_FORMATS))}")
    return _FORMATS[name]


def lead(prompt: Prompt) -> str:
    """The words put into the model's mouth, less the spaces at their end: `gap` puts those before what follows."""
    return prompt.question.lead.rstrip(" ")


def gap(prompt: Prompt) -> str:
    """Tokenizers join a space to the word after it, so a choice after `Answer: ` is read as ` A`."""
    return prompt.question.lead[len(lead(prompt)) :]
