"""Facts planted at several depths of an invented function: at which length a model still finds what it was shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count as count_up

from lrev.evaluate.qualify.questions import Questions
from lrev.qualification import FactFound, Share
from lrev.types import Generator, Prompt, Question, QuestionKind

LETTERS = ("A", "B", "C", "D")
CHANCE = 1 / len(LETTERS)
DEPTHS_PERCENT = (0, 25, 50, 75, 100)
# Parts of the planned length that are tried.
LENGTHS_PERCENT = (25, 50, 100)
# Room beside the function for the head, the question and its answer.
AROUND_TOKENS = 260
# The facts and a few lines around each of them.
LEAST_TOKENS = 600
# Of the questions about one depth, more than by chance: 5 of 8 come so by guessing once in 37 times.
FOUND_FROM = 0.6
_PARTS = ("lantern", "ferry", "pebble", "slate", "harbour")
_CONSTANTS = ("STEPS", "RETRIES", "MARGIN", "BURST", "CHANNELS")
_VALUES = ("37", "52", "68", "91", "14")
_FIELDS = ("level", "credit", "cursor", "backlog", "phase")
_LOCKS = ("dial_lock", "gate_lock", "wheel_lock", "lamp_lock", "rope_lock")
_FILLER = (
    "\tif ({part}->state & {part}_busy({part}))\n\t\tgoto out_{part};",
    "\t{part}->touched = jiffies;",
    "\tret = {part}_apply({part}, request);\n\tif (ret < 0)\n\t\treturn ret;",
    "\twritel(request->mask, {part}->base + request->offset);",
    '\tdev_dbg({part}->dev, "request of {part}\\n");',
    "\tlist_for_each_entry(entry, &{part}->entries, node)\n\t\tentry->used = entry == request->entry;",
    "\tif (!{part}_ready({part}))\n\t\tcpu_relax();",
    "\tkfree({part}->spare);\n\t{part}->spare = NULL;",
)
_NAME = "harbour_update"
Done = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fact:
    """`subject` has `answer`, which stands at a depth; `others` are the answers to the other facts of its kind."""

    depth_percent: int
    kind: str
    subject: str
    text: str
    answer: str
    others: tuple[str, ...]


def planted() -> tuple[Fact, ...]:
    """Two a depth. The wrong choices stand in the text as well, so that to have seen a word is not enough."""
    found = []
    for at, depth in enumerate(DEPTHS_PERCENT):
        constant = f"{_PARTS[at].upper()}_{_CONSTANTS[at]}"
        text = f"\t/* {constant} is {_VALUES[at]}. */"
        found.append(Fact(depth, "value", constant, text, _VALUES[at], _without(_VALUES, at)))
        field, lock = f"{_PARTS[at]}->{_FIELDS[at]}", f"{_PARTS[at]}->{_LOCKS[at]}"
        text = f"\t/* The field {field} is guarded by {lock}. */"
        locks = tuple(f"{part}->{one}" for part, one in zip(_PARTS, _LOCKS, strict=True))
        found.append(Fact(depth, "lock", field, text, lock, _without(locks, at)))
    return tuple(found)


def _without(words: tuple[str, ...], at: int) -> tuple[str, ...]:
    """Three others, of its neighbours."""
    return tuple(words[(at + step) % len(words)] for step in (1, 2, 3))


def function_of(tokens: int, count: Callable[[str], int]) -> str:
    """An invented function of at most so many tokens, the facts at their depths."""
    facts = planted()
    around = sum(_shown_tokens(fact.text, count) for fact in facts)
    filler: list[str] = []
    size = 0
    for number in count_up():
        statement = _FILLER[number % len(_FILLER)].format(part=_PARTS[number // 3 % len(_PARTS)])
        size += _shown_tokens(statement, count)
        if size > tokens - around:
            break
        filler.append(statement)
    parts: list[str] = []
    for at, depth in enumerate(DEPTHS_PERCENT):
        begin = len(filler) * DEPTHS_PERCENT[at - 1] // 100 if at else 0
        parts += filler[begin : len(filler) * depth // 100]
        parts += [fact.text for fact in facts if fact.depth_percent == depth]
    return "\n".join([f"static int {_NAME}(struct request *request)", "{", *parts, "}"])


def _shown_tokens(text: str, count: Callable[[str], int]) -> int:
    """Of its lines as the model sees them, each marked as new."""
    return sum(count(f"+ {line}\n") for line in text.split("\n"))


def prompts_of(tokens: int, generator: Generator, questions: Questions) -> list[tuple[Fact, str, Prompt]]:
    """Each fact in each order of its choices: the fact, the letter that is right, and the prompt."""
    code = function_of(tokens - AROUND_TOKENS, generator.count)
    segments = (*questions.head(), questions.shown(_NAME, code))
    found = []
    for fact in planted():
        asked = questions.facts.value if fact.kind == "value" else questions.facts.lock
        words = (fact.answer, *fact.others)
        for turn in range(len(LETTERS)):
            turned = words[-turn:] + words[:-turn] if turn else words
            choices = "\n".join(f"{letter}: {word}" for letter, word in zip(LETTERS, turned, strict=True))
            text = f"{asked.replace('{subject}', fact.subject)}\n{choices}\nAnswer {', '.join(LETTERS)}."
            question = Question(f"{fact.subject}/{turn}", QuestionKind.CLOSED, text, choices=LETTERS)
            found.append((fact, LETTERS[turn], Prompt(segments, question)))
    return found


@dataclass(frozen=True, slots=True)
class FactsRead:
    """At one length: what was found at each depth, and how fast it was read."""

    tokens: int
    found: tuple[FactFound, ...]
    tokens_per_second: float


def lengths(planned_tokens: int) -> tuple[int, ...]:
    """Those that have room for all facts."""
    parts = (planned_tokens * part // 100 for part in LENGTHS_PERCENT)
    return tuple(tokens for tokens in parts if tokens >= LEAST_TOKENS)


def ask_facts(generator: Generator, questions: Questions, planned_tokens: int, done: Done) -> Iterator[FactsRead]:
    for tokens in lengths(planned_tokens):
        asked = prompts_of(tokens, generator, questions)
        answers = generator.answer([prompt for _, _, prompt in asked])
        right: dict[int, list[bool]] = {}
        for (fact, letter, _), answer in zip(asked, answers, strict=True):
            right.setdefault(fact.depth_percent, []).append(answer.text == letter)
        read, seconds = sum(one.tokens_read for one in answers), sum(one.seconds for one in answers)
        done(read)
        found = (FactFound(tokens, depth, Share(sum(one), len(one))) for depth, one in right.items())
        yield FactsRead(tokens, tuple(found), read / seconds if seconds else 0.0)


def usable_tokens(found: list[FactFound]) -> int:
    """The longest context at each of whose depths enough was found; 0 if there is none."""
    sizes = sorted({one.tokens for one in found})
    fitting = [size for size in sizes if all(_enough(one.share) for one in found if one.tokens == size)]
    return max(fitting, default=0)


def _enough(share: Share) -> bool:
    return share.right >= FOUND_FROM * share.asked
