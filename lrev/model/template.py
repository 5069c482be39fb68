"""A model file's own chat template, taken apart into a PromptFormat: to compare it with the one that is used.

A template is a program that somebody else wrote. It is rendered in jinja2's sandbox, in a sealed child with bounds of
its own, and no review is ever made with what it gives (invariant 9).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from typing import Any

from lrev.model.prompt_format import PromptFormat
from lrev.paths import PROJECT_ROOT
from lrev.seal import seal

CPU_SECONDS = 5  # the longest template in the field takes a tenth of one
_WALL_SECONDS = 30
_MEMORY_BYTES = 1 << 30
_LONGEST_CHARACTERS = 1 << 16
# Words that stand for the turns; no template has them.
_SYSTEM, _USER, _ANSWER, _NEXT = "lrevSYSTEMlrev", "lrevUSERlrev", "lrevANSWERlrev", "lrevNEXTlrev"
_BEGINS, _ENDS = "lrevBOSlrev", "lrevEOSlrev"


class TemplateFailed(Exception):
    """The template cannot be rendered, or what it gives has not the form of a conversation."""


def taken_apart(template: str, end_mark: str, seconds: int = CPU_SECONDS) -> PromptFormat:
    """What `template` puts around a system turn, a user turn and an answer. `end_mark` stands for its eos_token.

    `after_answer` goes on to where the next user turn begins. It may take so many `seconds` of a processor.
    Raises TemplateFailed with the reason.
    """
    if len(template) > _LONGEST_CHARACTERS:
        raise TemplateFailed(f"it has more than {_LONGEST_CHARACTERS} characters")
    opened, whole = _rendered(template, seconds)
    before_system, before_user, before_answer = _between(opened, (_SYSTEM, _USER))
    after_answer = _between(whole, (_SYSTEM, _USER, _ANSWER, _NEXT))[3]
    return PromptFormat(
        before_system=before_system.removeprefix(_BEGINS).replace(_ENDS, end_mark),
        before_user=before_user.replace(_ENDS, end_mark),
        before_answer=before_answer.replace(_ENDS, end_mark),
        after_answer=after_answer.replace(_ENDS, end_mark),
    )


def _between(text: str, words: tuple[str, ...]) -> tuple[str, ...]:
    """The text before, between and behind the words, which must stand in it once and in their order."""
    found = []
    for word in words:
        before, there, text = text.partition(word)
        if not there:
            raise TemplateFailed("a turn of the conversation is missing from what it gives")
        found.append(before)
    return (*found, text)


def _rendered(template: str, seconds: int) -> tuple[str, str]:
    """A conversation up to where the answer begins, and one with an answer and the question after it."""
    command = [sys.executable, "-P", "-m", "lrev.model.template"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    try:
        done = subprocess.run(
            command,
            input=json.dumps([template, seconds]),
            capture_output=True,
            text=True,
            check=False,
            timeout=_WALL_SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired as error:
        raise TemplateFailed("it takes too long") from error
    if done.returncode != 0:
        raise TemplateFailed("it takes too much time or memory" if done.returncode < 0 else done.stderr[-200:].strip())
    opened, whole = json.loads(done.stdout)
    return str(opened), str(whole)


def main() -> None:
    """The child: a template and its seconds on standard input as JSON, what it gives on standard output."""
    seal()
    template, seconds = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    from jinja2 import TemplateError

    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        try:
            rendered = _conversations(template)
        except (TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            sys.exit(f"{type(error).__name__}: {error}")
        except (MemoryError, RecursionError) as error:
            sys.exit(f"it takes too much memory: {type(error).__name__}")
        json.dump(rendered, replies)


def _conversations(template: str) -> list[str]:
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = lambda _: "today"
    parsed = environment.from_string(template)
    begun: list[dict[str, Any]] = [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": _USER},
    ]
    answered = [*begun, {"role": "assistant", "content": _ANSWER}, {"role": "user", "content": _NEXT}]
    known = {"bos_token": _BEGINS, "eos_token": _ENDS}
    whole = ((begun, True), (answered, False))
    rendered = [parsed.render(messages=one, add_generation_prompt=open_, **known) for one, open_ in whole]
    return [text[:_LONGEST_CHARACTERS] for text in rendered]


def _refuse(message: str) -> None:
    raise ValueError(message)


if __name__ == "__main__":
    main()
