"""lrev context: what a reviewer would have looked up, without a review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.days import seconds_of
from lrev.cli.output import write_out
from lrev.log import talk
from lrev.retrieve.pack import Pack
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.source.series import read_once
from lrev.types import Patch
from lrev.wiring.contexts import open_contexts

_DEFAULT_TOKENS = 4000
_LEFT_OUT_SHOWN = 20


def command(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A patch file, an mbox, - for standard input, a commit or A..B.")
    ],
    tree: Annotated[
        str | None,
        typer.Option(
            "--tree",
            metavar="DIR[@REF]",
            help="The tree the patch is for, or the name of an indexed one; default: the first.",
        ),
    ] = None,
    budget: Annotated[int, typer.Option(min=64, help="Tokens of the whole pack.")] = _DEFAULT_TOKENS,
    before: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Take no context from mail of this day or later.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The generator whose tokens are counted; see lrev models list.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option("--index", metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every passage and all that was left out, as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Print what a reviewer of a patch would have looked up, with its sources, reasons and cost.

    No model is asked; one is needed for its tokenizer.
    """
    data = read_once(source)
    seal()
    settings = load_settings(config, index=index)
    latest = seconds_of(before) if before else None
    packs: list[tuple[Patch, Pack]] = []
    with ExitStack() as stack:
        contexts = open_contexts(stack, settings, tree=tree, model=model or settings.model, before=latest)
        for patch, pack in contexts.of_input(source, data, budget, lambda note: talk(f"lrev: {note}")):
            packs.append((patch, pack))
            if not as_json:
                write_out("".join(_lines(patch, pack)))
    if as_json:
        document = [{"subject": patch.subject, **asdict(pack)} for patch, pack in packs]
        write_out(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _lines(patch: Patch, pack: Pack) -> Iterator[str]:
    yield f"# {patch.subject}\n"
    yield f"# {pack.tokens} of {pack.budget_tokens} tokens, {len(pack.passages)} passages\n\n"
    for one in pack.passages:
        title = f" {one.title}" if one.title else ""
        yield f"## {one.source}{title}\n## {one.reason}; {one.tokens} tokens\n{one.text.rstrip()}\n\n"
    if pack.left_out:
        tokens = sum(one.tokens for one in pack.left_out)
        yield f"# left out: {len(pack.left_out)} passages, {tokens} tokens\n"
        for left in pack.left_out[:_LEFT_OUT_SHOWN]:
            yield f"#   {left.source} ({left.reason}; {left.tokens} tokens)\n"
        if len(pack.left_out) > _LEFT_OUT_SHOWN:
            yield f"#   and {len(pack.left_out) - _LEFT_OUT_SHOWN} more, see --json\n"
    yield "\n"
