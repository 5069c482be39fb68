"""A prompt as the tokens that a model is given: what it costs, and what the engine is asked; no weights are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrev.model.grammar import grammar_of
from lrev.model.leaves import Leaf
from lrev.model.loading import open_vocabulary
from lrev.model.prompt_format import PromptFormat, gap, prompt_format
from lrev.model.thinking import Thoughts
from lrev.model.tokenizer import Tokens
from lrev.model.vocabulary import Vocabulary
from lrev.types import Prompt, QuestionKind


@dataclass(frozen=True, slots=True)
class PromptTokens:
    form: PromptFormat
    vocabulary: Vocabulary
    thinking_tokens: int = 0

    @property
    def thoughts(self) -> Thoughts:
        return Thoughts(self.form, self.vocabulary, self.thinking_tokens)

    def count(self, text: str) -> int:
        return len(self.vocabulary.tokenize(text))

    def overhead(self, prompt: Prompt) -> int:
        """Control tokens, lead and room for a thought: what it needs beyond the counts of segments and question."""
        plain = sum(self.count(segment) for segment in prompt.segments) + self.count(prompt.question.text)
        leaf = self.leaf(prompt)
        return sum(map(len, leaf.prefix)) + len(leaf.tail) + self.thoughts.room(prompt) - plain

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
            tokens = () if groups else self.vocabulary.opening()
            for piece in group:
                tokens += self.vocabulary.tokenize(piece.text, control=piece.control)
            groups.append(tokens)
        return groups

    def _choices(self, prompt: Prompt) -> tuple[Tokens, ...]:
        """Where one choice begins like another (1 and 12), each is read to the end of the turn: 1 is not also 12."""
        choices = [self.vocabulary.tokenize(gap(prompt) + choice) for choice in prompt.question.choices]
        if _one_begins_another(choices):
            end = self.vocabulary.tokenize(self.form.after_answer, control=True)
            return tuple(choice + end for choice in choices)
        return tuple(choices)


@contextmanager
def open_prompt_tokens(path: Path, form: str, thinking_tokens: int = 0) -> Iterator[PromptTokens]:
    """Of a model file whose weights are not read. Raises ModelMissing or MachineError as open_vocabulary() does."""
    with open_vocabulary(path) as (native, handle):
        yield PromptTokens(prompt_format(form), Vocabulary(native, handle), thinking_tokens)


def _one_begins_another(choices: Sequence[Tokens]) -> bool:
    return any(len(one) < len(other) and other[: len(one)] == one for one in choices for other in choices)
