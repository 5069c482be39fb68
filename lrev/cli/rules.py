"""lrev rules: what the model may be asked, and whether it still holds on the indexed tree."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.errors import Exit
from lrev.indexing.reader import open_index
from lrev.paths import prompts_directory
from lrev.rules.audit import audit
from lrev.rules.load import load_rules
from lrev.seal import seal
from lrev.settings import load_settings

app = typer.Typer(help="List the review rules and check them against the indexed tree.", no_args_is_help=True)


@app.command("list")
def list_rules() -> None:
    """List every rule: its id, subsystem, severity and title."""
    for rule in load_rules(prompts_directory() / "rules"):
        write_out(f"{rule.id:<28} {rule.subsystem:<10} {rule.severity.value:<7} {rule.title}\n")


@app.command("audit")
def audit_rules(
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Check each rule's claims against the indexed tree; exit 1 when a rule does not hold."""
    seal()
    settings = load_settings(config, index=index)
    with open_index(settings.index) as opened:
        results = audit(load_rules(prompts_directory() / "rules"), opened.exists)
    for result in results:
        verdict = "holds" if result.holds else f"stale: the index has no {', '.join(result.missing)}"
        write_out(f"{result.rule.id:<28} {verdict}\n")
    if not all(result.holds for result in results):
        raise typer.Exit(Exit.FOUND)
