"""lrev eval: measured quality, one file a measurement."""

from __future__ import annotations

import typer

from lrev.cli import eval_checks, eval_retrieval

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Measure what lrev finds of bugs that are known, and what it looks up of what reviewers knew."""


app.command("checks")(eval_checks.command)
app.command("retrieval")(eval_retrieval.command)
