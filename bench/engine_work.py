"""The work of bench.engine: function contexts of a length, and what a review asks over each of them.

The functions are made up here, from a seed, in the manner of a driver; or read from a tree that is not committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from lrev.review.prompts import Prompts, as_data
from lrev.types import Prompt, Question, QuestionKind

CLOSED_QUESTIONS = 20
WRITTEN_QUESTIONS = 4
WRITTEN_TOKENS = 64
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "quote": {"type": "string", "maxLength": 60},
            "kind": {"enum": ["leak", "lock", "use after free", "error code", "none"]},
            "reason": {"type": "string", "maxLength": 80},
        },
        "required": ["quote", "kind", "reason"],
    }
)
_SEED = 6
_PARTS = ("lamp", "dimmer", "relay", "beacon", "socket", "switch", "sensor", "timer", "fan", "valve", "meter", "pump")
_STATEMENTS = (
    "\tmutex_lock(&{part}->lock);",
    "\tmutex_unlock(&{part}->lock);",
    "\t{part}->count += {number};",
    "\tif ({part}->state & BIT({number}))\n\t\tgoto out_{part};",
    "\tret = {part}_set_level({part}, {number});\n\tif (ret < 0)\n\t\treturn ret;",
    "\tbuffer = kzalloc({number} * sizeof(*buffer), GFP_KERNEL);\n\tif (!buffer)\n\t\treturn -ENOMEM;",
    "\twritel({number}, {part}->base + {name}_REG_{number});",
    '\tdev_dbg({part}->dev, "level %d of {part}\\n", {number});',
    "\tlist_for_each_entry(entry, &{part}->entries, node)\n\t\tentry->used = entry->id == {number};",
    "\tif (!{part}_is_ready({part}))\n\t\tmsleep({number});",
    "\tspin_lock(&{part}->queue_lock);\n\t__{part}_flush({part});\n\tspin_unlock(&{part}->queue_lock);",
    "\tkfree({part}->spare);\n\t{part}->spare = NULL;",
)
_PAIRS = (
    ("the result is tested before it is used", "the result is used before it is tested"),
    ("the memory is freed on every error path", "the memory is lost on an error path"),
    ("the lock is held here", "the lock is not held here"),
    ("the number is bounded before it is used", "the number is used unbounded"),
    ("nothing here sleeps", "this may sleep in atomic context"),
)
_WRITTEN = (
    "Quote the line of {name}() that is most likely wrong, say what kind of defect it is and why.",
    "Quote the line of {name}() that takes a lock first, and say what it protects.",
    "Quote the line of {name}() that may return early, and say what it leaves behind.",
    "Quote the line of {name}() that allocates memory, and say who frees it.",
)


@dataclass(frozen=True, slots=True)
class Work:
    """The prompts of each visit to a function, in the order of a review: all functions, then some of them again."""

    visits: tuple[tuple[Prompt, ...], ...]
    functions: int


def work(functions: int, context_tokens: int, count: Callable[[str], int], prompts: Prompts, tree: Path | None) -> Work:
    head = (
        prompts.render("stages/reviewer"),
        prompts.render("stages/patch", subject="lamp: switch under the lock", description=""),
    )
    sources = _read(tree) if tree else _made_up()
    shown = [(name, _cut(text, context_tokens, count)) for name, text in islice(sources, functions)]
    visits = []
    for second, chosen in ((False, shown), (True, shown[: (len(shown) + 1) // 2])):
        for name, code in chosen:
            context = prompts.render("stages/function", name=name, path=f"drivers/{name}.c", code=code, passages=[])
            visits.append(tuple(_asked((*head, context), name, code, prompts, second=second)))
    return Work(tuple(visits), functions)


def _asked(segments: tuple[str, ...], name: str, code: str, prompts: Prompts, *, second: bool) -> Iterator[Prompt]:
    lines = [line.strip() for line in code.split("\n") if len(line) > 12]
    for number in range(CLOSED_QUESTIONS):
        pair = _PAIRS[number % len(_PAIRS)]
        line = lines[(2 * number + second) * 7 % len(lines)]
        first, other = pair if number % 2 else pair[::-1]
        text = prompts.render("questions/closed", name=name, line=line, first=first, second=other)
        yield Prompt(segments, Question(f"{name}/{second}/{number}", QuestionKind.CLOSED, text, choices=("A", "B")))
    for number in range(WRITTEN_QUESTIONS):
        again = "Look again, from the end. " if second else ""
        text = again + _WRITTEN[number % len(_WRITTEN)].format(name=name) + " Answer with JSON: quote, kind, reason.\n"
        yield Prompt(
            segments,
            Question(f"{name}/{second}/json{number}", QuestionKind.JSON, text, (), WRITTEN_TOKENS, schema=SCHEMA),
        )


def _cut(text: str, tokens: int, count: Callable[[str], int]) -> str:
    """Whole lines of so many tokens."""
    lines = text.split("\n")
    low, high = 1, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count("\n".join(lines[:middle])) <= tokens else (low, middle - 1)
    return "\n".join(lines[:low])


def _made_up() -> Iterator[tuple[str, str]]:
    random = Random(_SEED)
    number = 0
    while True:
        part = _PARTS[number % len(_PARTS)]
        name = f"{part}_update_{number}"
        lines = [f"static int {name}(struct {part} *{part}, unsigned long flags)", "{"]
        for _ in range(400):
            statement = random.choice(_STATEMENTS)
            lines.append(statement.format(part=part, name=part.upper(), number=random.randrange(2, 64)))
        yield name, "\n".join(lines)
        number += 1


def _read(tree: Path) -> Iterator[tuple[str, str]]:
    """Files below drivers/ in the order of their names, those that are long enough."""
    for path in sorted(tree.glob("drivers/**/*.c")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if len(text) > 20_000:
            yield path.stem, as_data(text[text.index("#include") if "#include" in text else 0 :])
