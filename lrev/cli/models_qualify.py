"""lrev models qualify: what a model is good for, measured before it is trusted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.cli.progress import Meter
from lrev.cli.qualified import table
from lrev.evaluate.qualify.qualify import Measured, Subject, qualify, require_room, work_tokens
from lrev.evaluate.qualify.questions import Questions
from lrev.log import talk
from lrev.manifest import ModelSpec, Role, load_manifest
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.model.metadata import stated
from lrev.paths import prompts_directory
from lrev.qualification import store
from lrev.seal import seal
from lrev.settings import Settings, load_settings
from lrev.types import Prompt, Question, QuestionKind
from lrev.wiring.generators import engine_spec, measured_with


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A generator of models.toml.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Measure what a model is good for, and store it: reviews name the qualification they ran under."""
    seal()
    settings = load_settings(config)
    spec = load_manifest().get(name, Role.GENERATOR)
    require_room(measured_with(spec, settings).planned_tokens)
    engine = engine_spec(spec, settings)
    with open_generator(engine) as generator:
        measured = _measured(generator, engine, spec, settings)
    write_out("\n".join(table(measured.qualification, measured.speed)) + "\n")
    talk(f"lrev: stored in '{store(measured.qualification)}'")


def _measured(generator: LocalGenerator, engine: EngineSpec, spec: ModelSpec, settings: Settings) -> Measured:
    questions = Questions.load(prompts_directory())
    known = measured_with(spec, settings)
    work = work_tokens(generator, questions, known.planned_tokens)
    seconds = work / _tokens_per_second(generator, questions)
    talk(f"lrev: some {work / 1000:.0f},000 tokens of work, about {max(1, round(seconds / 60))} min on this machine")
    subject = Subject(generator, stated(engine.path), spec.context_tokens, engine.prompt_format, known)
    with Meter() as meter:
        return qualify(subject, questions, lambda done, total: meter(f"qualifying {spec.name}, tokens", done, total))


def _tokens_per_second(generator: LocalGenerator, questions: Questions) -> float:
    """By the wall clock, over a function that is read once before it is measured."""
    twin = questions.all_twins[-1]
    question = Question("warm", QuestionKind.CLOSED, "Is this C? A: yes B: no", choices=("A", "B"))
    generator.answer([Prompt((), question)])
    started = time.perf_counter()
    (answer,) = generator.answer([Prompt((*questions.head(), questions.shown(twin.name, twin.wrong)), question)])
    return answer.tokens_read / max(time.perf_counter() - started, 1e-3)
