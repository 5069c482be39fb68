"""Where a prompt's parts stand in the conversation a model was trained on; the only source of control tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
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
class Thinking:
    """How a model shows that it thinks; `mark` ends the thought, and `end`, which has it, leads to the answer."""

    begin: str
    mark: str
    end: str

    @property
    def none(self) -> str:
        """A thought that was closed at once: what follows is the answer, and its likelihoods are those of an answer."""
        return self.begin + self.end


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """Control text around the system turn, the user turn and the answer, which a model ends with `after_answer`."""

    before_system: str
    before_user: str
    before_answer: str
    after_answer: str
    thinking: Thinking | None = None

    def groups(self, prompt: Prompt) -> tuple[Group, ...]:
        """The system turn, one group a further segment, then the question up to the answer's lead."""
        system = prompt.segments[0] if prompt.segments else ""
        shared = tuple((Piece(segment),) for segment in prompt.segments[1:])
        head = (Piece(self.before_system, True), Piece(system), Piece(self.before_user, True))
        before = self.before_answer + (self.thinking.none if self.thinking else "")
        tail = (Piece(prompt.question.text), Piece(before, True), Piece(lead(prompt)))
        return (head, *shared, tail)

    def thought(self, prompt: Prompt) -> Group:
        """The question up to where a thought begins: instead of the last of `groups`."""
        assert self.thinking is not None
        return (Piece(prompt.question.text), Piece(self.before_answer + self.thinking.begin, True))

    def after_thought(self, prompt: Prompt) -> Group:
        """From the end of a thought to the answer's lead."""
        assert self.thinking is not None
        return (Piece(self.thinking.end, True), Piece(lead(prompt)))

    @property
    def marks(self) -> tuple[str, ...]:
        """The control tokens of the turns, each once: a model that was taught the format has each as one token."""
        text = f"{self.before_system}\n{self.before_user}\n{self.before_answer}\n{self.after_answer}"
        return tuple(dict.fromkeys(_MARK.findall(text)))


_MARK = re.compile("<[^<>\\s]+>|\\[/?[A-Z_]+\\]")
_THINKING = Thinking(begin="<think>\n", mark="</think>", end="\n</think>\n\n")
_CHATML = ("<|im_start|>system\n", "<|im_end|>\n<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n")
_DEEPSEEK = ("", "<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>")  # noqa: RUF001

# As the publishers' model cards have them. What begins a sequence of tokens is the vocabulary's business. ChatML
# (https://github.com/openai/openai-python/blob/v0.28.1/chatml.md) is spoken by Qwen2.5, Qwen3-Coder, SmolLM2, Yi.
_FORMATS = {
    "chatml": PromptFormat(*_CHATML, "<|im_end|>"),
    "deepseek": PromptFormat(*_DEEPSEEK),  # V2.5, V3
    "deepseek-r1": PromptFormat(*_DEEPSEEK, _THINKING),  # and what is distilled from it
    "gemma": PromptFormat(  # 2 and 3, which know no system turn
        before_system="<start_of_turn>user\n",
        before_user="\n\n",
        before_answer="<end_of_turn>\n<start_of_turn>model\n",
        after_answer="<end_of_turn>",
    ),
    "granite": PromptFormat(  # 3
        before_system="<|start_of_role|>system<|end_of_role|>",
        before_user="<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>",
        before_answer="<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
        after_answer="<|end_of_text|>",
    ),
    "llama3": PromptFormat(
        before_system="<|start_header_id|>system<|end_header_id|>\n\n",
        before_user="<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        before_answer="<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        after_answer="<|eot_id|>",
    ),
    "mistral": PromptFormat("[INST] ", "\n\n", "[/INST]", "</s>"),  # 7B v0.3, Codestral 22B
    "mistral-small": PromptFormat("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT][INST]", "[/INST]", "</s>"),  # 3, Devstral
    "phi3": PromptFormat("<|system|>\n", "<|end|>\n<|user|>\n", "<|end|>\n<|assistant|>\n", "<|end|>"),
    "phi4": PromptFormat(
        before_system="<|im_start|>system<|im_sep|>",
        before_user="<|im_end|><|im_start|>user<|im_sep|>",
        before_answer="<|im_end|><|im_start|>assistant<|im_sep|>",
        after_answer="<|im_end|>",
    ),
    "plain": PromptFormat(before_system="", before_user="\n\n", before_answer="\n", after_answer="\n"),
    "qwen3": PromptFormat(*_CHATML, "<|im_end|>", _THINKING),
}
# A template that mentions these is a thinking model's; a vocabulary may have the tokens and the model never think.
_THINKS = {"chatml": ("enable_thinking", "qwen3"), "deepseek": ("<think>", "deepseek-r1")}


def prompt_format(name: str) -> PromptFormat:
    """Raises ManifestError for a format that lrev does not know."""
    if name not in _FORMATS:
        raise ManifestError(f"no prompt format '{name}'", f"there are {', '.join(sorted(_FORMATS))}")
    return _FORMATS[name]


def recognised(is_one_token: Callable[[str], bool], template: str = "") -> str:
    """The format all of whose marks are tokens of a vocabulary, the one with most marks; "" where there is none.

    `template` is the model file's own, which is searched for words and never run here.
    """
    fitting = [name for name, form in _FORMATS.items() if form.marks and all(map(is_one_token, form.marks))]
    if not fitting:
        return ""
    best = max(fitting, key=lambda name: (len(_FORMATS[name].marks), _FORMATS[name].thinking is None))
    word, thinks = _THINKS.get(best, ("", ""))
    return thinks if word and word in template else best


def lead(prompt: Prompt) -> str:
    """The words put into the model's mouth, less the spaces at their end: `gap` puts those before what follows."""
    return prompt.question.lead.rstrip(" ")


def gap(prompt: Prompt) -> str:
    """Tokenizers join a space to the word after it, so a choice after `Answer: ` is read as ` A`."""
    return prompt.question.lead[len(lead(prompt)) :]
