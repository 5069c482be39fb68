"""Whether a model understands how it is spoken to: control tokens, round trips, the end of an answer, its template."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lrev.evaluate.qualify.questions import Questions
from lrev.model.generator import LocalGenerator
from lrev.model.leaves import Leaf
from lrev.model.prompt_format import PromptFormat
from lrev.model.template import TemplateFailed, taken_apart
from lrev.model.tokenizer import Tokens
from lrev.model.vocabulary import Vocabulary
from lrev.qualification import Spoken
from lrev.types import LIKELIEST, Prompt, Question, QuestionKind

# A model that was taught the format ends its turn when it has said all that it was told to say.
ENDS_FROM = 0.5
_FINISHED = ("The lamp is on.", "All locks are released.", "The driver has four functions.")


def speak(generator: LocalGenerator, name: str, template: str, questions: Questions) -> Spoken:
    """`template` is the model file's own, "" without one."""
    problems = [*_problems(generator, questions)]
    ends = _ends(generator)
    if ends < ENDS_FROM:
        problems.append(f"a finished answer is ended with a probability of {ends:.2f} only")
    return Spoken(name, compared(template, generator.form), round(ends, 4), tuple(problems))


def _problems(generator: LocalGenerator, questions: Questions) -> Iterator[str]:
    vocabulary, form = generator.engine.vocabulary, generator.form
    for mark in form.marks:
        if len(vocabulary.tokenize(mark, control=True)) != 1:
            yield f"'{mark}' is no token of the model"
        if len(vocabulary.tokenize(mark)) == 1:
            yield f"'{mark}' in a patch cannot be told from lrev's own"
    end = vocabulary.tokenize(form.after_answer, control=True)
    if form.marks and not vocabulary.ends(end[-1]):
        yield f"the model does not end its turn with '{form.after_answer}'"
    twin = questions.all_twins[0]
    question = Question("round", QuestionKind.CLOSED, "Which?", choices=("A", "B"))
    prompt = Prompt((*questions.head(), questions.shown(twin.name, twin.right)), question)
    if not _comes_back(generator, prompt):
        yield "a prompt that is made of tokens is not the text that it was"


def _comes_back(generator: LocalGenerator, prompt: Prompt) -> bool:
    """A tokenizer may put a space before a text; it may do nothing else."""
    vocabulary = generator.engine.vocabulary
    for group in generator.form.groups(prompt):
        for piece in group:
            text = _text(vocabulary, vocabulary.tokenize(piece.text, control=piece.control))
            if text.removeprefix(" ") != piece.text.removeprefix(" "):
                return False
    return True


def _text(vocabulary: Vocabulary, tokens: Tokens) -> str:
    return b"".join(vocabulary.piece(token, control=True) for token in tokens).decode("utf-8", "replace")


def _ends(generator: LocalGenerator) -> float:
    """The mean probability of the end of the turn behind a sentence that the model was told to say."""
    vocabulary = generator.engine.vocabulary
    end = vocabulary.tokenize(generator.form.after_answer, control=True)[:1]
    leaves = []
    for sentence in _FINISHED:
        text = f"Repeat this sentence and say nothing else: {sentence}"
        question = Question("end", QuestionKind.CLOSED, text, choices=("A", "B"), lead=sentence)
        leaf = generator.leaf(Prompt(("You answer in few words.",), question))
        leaves.append(Leaf(leaf.prefix, leaf.tail, (end,)))
    outcomes = generator.engine.run(leaves, LIKELIEST)
    return sum(math.exp(one.scores[0]) for one in outcomes) / len(outcomes)


def compared(template: str, form: PromptFormat) -> str:
    """The template of the model file beside the format that is used, in words."""
    if not template:
        return "the file has none"
    try:
        own = taken_apart(template, form.after_answer)
    except TemplateFailed as error:
        return f"the file's own cannot be read: {error}"
    for part, ours, theirs in (
        ("before the system text", form.before_system, own.before_system),
        ("before the user's", form.before_user, own.before_user),
        ("before the answer", form.before_answer, _without_thinking(own.before_answer, form)),
    ):
        if ours != theirs:
            return f"differs {part}: the file's own has {theirs!r}, ours {ours!r}"
    if not own.after_answer.startswith(form.after_answer):
        return f"differs behind the answer: the file's own has {own.after_answer!r}, ours {form.after_answer!r}"
    return "agrees with the file's own"


def _without_thinking(text: str, form: PromptFormat) -> str:
    return text.removesuffix(form.thinking.begin) if form.thinking else text
