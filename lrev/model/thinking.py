"""What a thinking model thinks before it writes an answer: bounded, apart from the answer, and gone after it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from lrev.model.engine import Engine
from lrev.model.leaves import Leaf, Outcome
from lrev.model.prompt_format import Group, PromptFormat
from lrev.model.tokenizer import Tokens
from lrev.model.vocabulary import Vocabulary
from lrev.types import Prompt, QuestionKind, Sampling


def grammar_of_thought(mark: str) -> str:
    """GBNF (llama.cpp's grammars): any text, up to and with the mark that ends it.

    Under a grammar the model cannot end its turn in the middle, and a quote or a line end in the thought ends nothing.
    A thought about C has "<", it has no "</": to look further ahead would be slower at each token.
    """
    first, second = mark[0], mark[1]
    return f"root ::= text {json.dumps(mark)}\ntext ::= ([^{first}] | {json.dumps(first)} [^{first}{second}])*\n"


@dataclass(frozen=True, slots=True)
class Thoughts:
    """`most_tokens` 0: none is thought, and a format with thinking has every thought closed at once."""

    form: PromptFormat
    vocabulary: Vocabulary
    most_tokens: int = 0

    def room(self, prompt: Prompt) -> int:
        """Tokens a thought may take. A closed question has none: its likelihoods are those of the first word."""
        return 0 if prompt.question.kind is QuestionKind.CLOSED else self.most_tokens

    def run(
        self, engine: Engine, prompts: Sequence[Prompt], leaves: Sequence[Leaf], sampling: Sampling
    ) -> list[Outcome]:
        """Outcomes of the leaves. Those that are thought about stand behind their thought, and its cost is theirs."""
        places = [place for place, prompt in enumerate(prompts) if self.room(prompt)]
        thoughts = engine.run([self._leaf(prompts[place], leaves[place]) for place in places], sampling)
        asked = list(leaves)
        for place, thought in zip(places, thoughts, strict=True):
            asked[place] = self._behind(prompts[place], leaves[place], thought)
        outcomes = engine.run(asked, sampling)
        for place, thought in zip(places, thoughts, strict=True):
            outcomes[place].add_account(thought)
        return outcomes

    def _leaf(self, prompt: Prompt, leaf: Leaf) -> Leaf:
        assert self.form.thinking is not None
        grammar = grammar_of_thought(self.form.thinking.mark)
        return Leaf(leaf.prefix, self._tokens(self.form.thought(prompt)), (), self.most_tokens, grammar)

    def _behind(self, prompt: Prompt, leaf: Leaf, thought: Outcome) -> Leaf:
        """The same question behind what was thought about it, which ends here if it did not by itself."""
        said = self._said(thought.written)
        asked, after = self.form.thought(prompt), self.form.after_thought(prompt)
        return replace(leaf, tail=self._tokens(asked) + said + self._tokens(after))

    def _said(self, written: Tokens) -> Tokens:
        """The tokens before the mark."""
        assert self.form.thinking is not None
        pieces = [self.vocabulary.piece(token, control=True) for token in written]
        text = b"".join(pieces).partition(self.form.thinking.mark.encode())[0]
        return written[: sum(end <= len(text) for end in accumulate(map(len, pieces)))]

    def _tokens(self, group: Group) -> Tokens:
        return tuple(token for piece in group for token in self.vocabulary.tokenize(piece.text, control=piece.control))
