"""Prompts as a review makes them: a shared head, two functions, several questions over each."""

from __future__ import annotations

import json

from lrev.types import Prompt, Question, QuestionKind

SYSTEM = "You review patches for the kernel. Answer with one letter unless you are asked for a line.\n"
PATCH = "The patch is called `lamp: check what the switch returns`.\n"
LAMP = """
static int lamp_probe(struct lamp *lamp)
{
	char *name = kstrdup(lamp->label, GFP_KERNEL);

	if (lamp_switch(lamp, true) < 0)
		return -EIO;
	lamp->name = name;
	return 0;
}
"""
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"verdict": {"enum": ["freed", "lost"]}, "line": {"type": "integer", "maximum": 99}},
        "required": ["verdict", "line"],
    }
)


def closed(text: str, *choices: str, lead: str = "") -> Question:
    return Question(f"closed/{text}", QuestionKind.CLOSED, text, choices=choices, lead=lead)


def short(text: str, max_tokens: int = 12, lead: str = "") -> Question:
    return Question(f"short/{text}", QuestionKind.SHORT, text, max_tokens=max_tokens, lead=lead)


def written(text: str, max_tokens: int = 24, schema: str = SCHEMA, lead: str = "") -> Question:
    return Question(f"json/{text}", QuestionKind.JSON, text, max_tokens=max_tokens, lead=lead, schema=schema)


QUESTIONS = (
    closed("Is `name` (A) freed on every path or (B) lost on one?\n", "A", "B"),
    closed("Does it allocate memory?\n", "no, it does not", "yes, it does", "perhaps", lead="Answer: "),
    short("Quote the line that returns an error.\n", lead="`"),
    written("What becomes of `name`, and on which line?\n"),
)
FUNCTIONS = tuple(
    tuple(Prompt((SYSTEM, PATCH, LAMP.replace("lamp", name)), question) for question in QUESTIONS)
    for name in ("lamp", "dimmer", "relay")
)
PLAN = (*FUNCTIONS[0], *FUNCTIONS[1])
