"""Facts planted at several depths of an invented function: at which length a model still finds what it was shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count as count_up

from lrev.evaluate.qualify.questions import Questions
from lrev.qualification import FactFound, Share
from lrev.types import Answer, Generator, Prompt, Question, QuestionKind

DEPTHS_PERCENT = (0, 25, 50, 75, 100)
# Each fact is one of as many as there are depths.
CHANCE = 1 / len(DEPTHS_PERCENT)
# Thirds of the planned length that are tried.
_THIRDS = (1, 2, 3)
# Room beside the function for the head, the question and its answer.
AROUND_TOKENS = 240
# The facts and a few lines around each of them.
LEAST_TOKENS = 800
# Of the questions about one depth: 3 of 4 are right by guessing once in 37 times.
FOUND_FROM = 0.75
_PARTS = ("lantern", "ferry", "pebble", "slate", "harbour")
# What is said of a subject, the subjects and the words that are said of them, each by depth.
_KINDS = (
    (
        "value",
        "{subject} is {answer}.",
        ("LANTERN_STEPS", "FERRY_RETRIES", "PEBBLE_MARGIN", "SLATE_BURST", "HARBOUR_CHANNELS"),
        ("37", "52", "68", "91", "14"),
    ),
    (
        "lock",
        "{subject} is guarded by {answer}.",
        ("lantern->level", "ferry->credit", "pebble->cursor", "slate->backlog", "harbour->phase"),
        ("dial_lock", "gate_lock", "wheel_lock", "lamp_lock", "rope_lock"),
    ),
    (
        "free",
        "{subject} is freed by {answer}().",
        ("request->oil", "request->ticket", "request->sand", "request->chalk", "request->anchor"),
        ("moss_release", "fern_release", "reed_release", "pine_release", "lime_release"),
    ),
    (
        "register",
        "Register {subject} is at {answer}.",
        ("WICK", "RUDDER", "GRAIN", "FRAME", "PIER"),
        ("0x48", "0x1c", "0x60", "0x34", "0x7a"),
    ),
)
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
_SMALLEST = 1e-9
Done = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fact:
    """`answer` is one of the `words`, all of which stand in the text: to have seen a word is not enough."""

    depth_percent: int
    kind: str
    subject: str
    text: str
    answer: str
    words: tuple[str, ...]


def planted() -> tuple[Fact, ...]:
    """One of each kind a depth."""
    return tuple(
        Fact(
            depth,
            kind,
            subjects[at],
            f"\t/* {said.format(subject=subjects[at], answer=words[at])} */",
            words[at],
            words,
        )
        for at, depth in enumerate(DEPTHS_PERCENT)
        for kind, said, subjects, words in _KINDS
    )


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


def prompts_of(tokens: int, generator: Generator, questions: Questions) -> list[tuple[Fact, Prompt]]:
    """The words themselves are the choices: to choose by letters is an art of its own, which the twins ask for."""
    code = function_of(tokens - AROUND_TOKENS, generator.count)
    segments = (*questions.head(), questions.shown(_NAME, code))
    found = []
    for fact in planted():
        text = questions.facts[fact.kind].replace("{subject}", fact.subject)
        found.append((fact, Prompt(segments, Question(fact.subject, QuestionKind.CLOSED, text, choices=fact.words))))
    return found


@dataclass(frozen=True, slots=True)
class FactsRead:
    """At one length: what was found at each depth, and how fast it was read."""

    tokens: int
    found: tuple[FactFound, ...]
    tokens_per_second: float


def lengths(planned_tokens: int) -> tuple[int, ...]:
    """Those that have room for all facts."""
    parts = (planned_tokens * part // len(_THIRDS) for part in _THIRDS)
    return tuple(tokens for tokens in parts if tokens >= LEAST_TOKENS)


def ask_facts(generator: Generator, questions: Questions, planned_tokens: int, done: Done) -> Iterator[FactsRead]:
    for tokens in lengths(planned_tokens):
        asked = prompts_of(tokens, generator, questions)
        answers = generator.answer([prompt for _, prompt in asked])
        right = found_right([fact for fact, _ in asked], answers)
        read, seconds = sum(one.tokens_read for one in answers), sum(one.seconds for one in answers)
        done(read)
        found = (FactFound(tokens, depth, Share(sum(one), len(one))) for depth, one in right.items())
        yield FactsRead(tokens, tuple(found), read / seconds if seconds else 0.0)


def found_right(facts: Sequence[Fact], answers: Sequence[Answer]) -> dict[int, list[bool]]:
    """By depth. A liking for a word is taken off: of each kind, every word is right once."""
    right: dict[int, list[bool]] = {depth: [] for depth in DEPTHS_PERCENT}
    for kind, *_ in _KINDS:
        own = [(fact, answer) for fact, answer in zip(facts, answers, strict=True) if fact.kind == kind]
        logs = [[math.log(max(one, _SMALLEST)) for one in answer.probabilities] for _, answer in own]
        liking = [sum(column) / len(logs) for column in zip(*logs, strict=True)]
        for (fact, _), row in zip(own, logs, strict=True):
            placed = [one - mean for one, mean in zip(row, liking, strict=True)]
            right[fact.depth_percent].append(fact.words[placed.index(max(placed))] == fact.answer)
    return right


def usable_tokens(found: list[FactFound]) -> int:
    """The longest context at each of whose depths enough was found; 0 if there is none."""
    sizes = sorted({one.tokens for one in found})
    fitting = [size for size in sizes if all(_enough(one.share) for one in found if one.tokens == size)]
    return max(fitting, default=0)


def _enough(share: Share) -> bool:
    return share.right >= FOUND_FROM * share.asked
