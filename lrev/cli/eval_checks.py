"""lrev eval checks: what is found of known bugs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from lrev.cli.output import write_out
from lrev.errors import Exit, InputError, UsageError
from lrev.evaluate.cases import load_cases
from lrev.evaluate.checks import Judged, Score, score
from lrev.evaluate.summary import bars, mechanisms
from lrev.evidence.knowledge import IndexKnowledge
from lrev.indexing.reader import open_index
from lrev.indexing.reviewed import reviewed
from lrev.log import talk
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.types import Suspicion

_SAID_EVERY_CASES = 50


def command(
    cases: Annotated[Path, typer.Argument(metavar="DIR", help="A directory with cases.jsonl and its patches.")],
    tree: Annotated[
        str | None, typer.Option(metavar="NAME", help="The indexed tree that the fixes are in; default: the first.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    only: Annotated[str, typer.Option(metavar="PREFIX", help="Only cases whose name begins so.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Every suspicion, as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Run the checks on each case, without a model, and say what they found and what the fix does not take back.

    Exit 1 when a bar is missed.
    """
    seal()
    settings = load_settings(config, index=index)
    chosen = load_cases(cases, only)
    if not chosen:
        raise UsageError(f"no case begins with '{only}'")
    scores: list[Score] = []
    with open_index(settings.index) as opened:
        base = reviewed(opened, tree)
        knowledge = IndexKnowledge(opened, base.tree)
        for number, case in enumerate(chosen, 1):
            try:
                scores.append(score(case, base.tree, knowledge))
            except InputError as error:
                talk(f"lrev: {case.name} is left out: {error.message}")
            if number % _SAID_EVERY_CASES == 0:
                talk(f"lrev: {number} of {len(chosen)} cases")
    if as_json:
        write_out(json.dumps([_plain(one) for one in scores], indent=1, ensure_ascii=False) + "\n")
    else:
        write_out("\n".join(_table(scores)) + "\n")
    if not all(bar.met for bar in bars(scores)):
        raise typer.Exit(Exit.FOUND)


def _table(scores: list[Score]) -> list[str]:
    lines = ["cases             mechanism                          hit  stay"]
    lines += [f"{one.kind:<17} {one.mechanism:<33} {one.hits:>4} {one.stay:>5}" for one in mechanisms(scores)]
    lines.append("")
    for bar in bars(scores):
        lines.append(f"{bar.name}: {bar.found:.3f} (bar {bar.bar:g}) {'ok' if bar.met else 'missed'}")
    return lines


def _plain(one: Score) -> dict[str, Any]:
    return {
        "case": one.case.name,
        "kind": one.case.kind.value,
        "found": [_judged(judged) for judged in one.found],
        "found_as_new": [_judged(judged) for judged in one.found_as_new],
        "forward": [_suspicion(suspicion) for suspicion in one.forward],
        "read": one.read,
    }


def _judged(judged: Judged) -> dict[str, Any]:
    return {"hit": judged.hit} | _suspicion(judged.suspicion)


def _suspicion(one: Suspicion) -> dict[str, Any]:
    return {
        "check": one.check,
        "mechanism": one.mechanism,
        "path": one.path,
        "line": one.line,
        "function": one.function,
        "message": one.message,
        "trace": [f"{step.line}: {step.text}  [{step.note}]" for step in one.trace],
    }
