"""lrev symbol: all that the index knows of a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.errors import UsageError
from lrev.indexing.known import known_of
from lrev.indexing.reader import open_index
from lrev.indexing.similar import similar_names
from lrev.report.known import lines, plain
from lrev.seal import seal
from lrev.settings import load_settings


def command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A function, macro, type, CONFIG_ or MAINTAINERS name.")],
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many callers and tables at most.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="The same as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Print where a name is defined, what is known of it and from where, who calls it, and what it calls."""
    seal()
    settings = load_settings(config, index=index)
    bare = name.removesuffix("()").removeprefix("CONFIG_")
    with open_index(settings.index) as opened:
        known = known_of(opened, bare, limit)
        if not known:
            near = similar_names(opened, bare)
            hint = f"did you mean {', '.join(near)}?" if near else "'lrev index --status' says what is indexed"
            raise UsageError(f"the index has no '{bare}'", hint)
        several = len(opened.trees) > 1
    if as_json:
        write_out(json.dumps(plain(known, limit), indent=1, ensure_ascii=False) + "\n")
    else:
        write_out("\n".join(lines(known, limit, several=several)) + "\n")
