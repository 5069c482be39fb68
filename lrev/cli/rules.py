"""lrev rules: what may be asked of a patch, whether it still holds on a tree, and what triggers it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.errors import Exit, UsageError
from lrev.evidence.examples import faults
from lrev.evidence.refute import refute
from lrev.indexing.reader import open_index
from lrev.indexing.reviewed import reviewed
from lrev.log import talk
from lrev.paths import prompts_directory
from lrev.review.checking import check, matched
from lrev.review.images import patched, read_images
from lrev.review.inputs import laid_series
from lrev.rules.audit import Audited, audit, mark_verified
from lrev.rules.drafts import draft
from lrev.rules.ground import Ground
from lrev.rules.load import check_queries, load_rules
from lrev.rules.rule import Rule
from lrev.rules.triggers import Match
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.source.kernel_version import kernel_version
from lrev.source.series import read_once
from lrev.types import ChangedFunction
from lrev.wiring.reviews import open_review

app = typer.Typer(
    help="List the review rules, try them, and check them against the indexed tree.", no_args_is_help=True
)

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="The index directory; default from lrev.toml.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A settings file instead of the ones that are searched.")
]
RuleArgument = Annotated[str, typer.Argument(metavar="ID", help="The rule's id: its file name without .md.")]


def _rules() -> tuple[Rule, ...]:
    return load_rules(prompts_directory() / "rules")


def _rule(name: str) -> Rule:
    found = next((rule for rule in _rules() if rule.id == name), None)
    if found is None:
        raise UsageError(f"no rule is called '{name}'", "see 'lrev rules list'")
    return found


@app.command("list")
def list_rules() -> None:
    """List every rule: its id, subsystem, severity and title."""
    for rule in _rules():
        write_out(f"{rule.id:<32} {rule.subsystem:<11} {rule.severity.value:<7} {rule.title}\n")


@app.command("show")
def show(name: RuleArgument) -> None:
    """Print a rule as it is written."""
    write_out(_rule(name).path.read_text(encoding="utf-8"))


@app.command("match")
def match(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A patch file, an mbox, - for standard input, a commit or A..B.")
    ],
    tree: Annotated[
        str | None,
        typer.Option(
            metavar="DIR[@REF]", help="The tree the patch is for, or the name of an indexed one; default: the first."
        ),
    ] = None,
    index: IndexOption = None,
    config: ConfigOption = None,
) -> None:
    """Print which rules a patch triggers, on which line, and whether code answers them."""
    data = read_once(source)
    seal()
    settings = load_settings(config, index=index)
    with ExitStack() as stack:
        ready = open_review(stack, settings, model=None, tree=tree)
        stale = ready.resources.stale
        for series, _, at_base in laid_series(source, data, ready.tree, ready.repository):
            now = at_base
            for patch in series.patches:
                write_out(f"{patch.subject}\n")
                images = read_images(patch, now)
                for one, found in matched(check(images, ready.resources.knowledge), ready.resources.rules):
                    for match in found:
                        write_out(_matched(one.function, match, stale.get(match.rule.id, "")))
                now = patched(now, images)


def _matched(function: ChangedFunction, match: Match, stale: str) -> str:
    on = f" on {match.call}" if match.call else f" on `{match.variable}`" if match.variable else ""
    state = stale or ("a check has shown it" if match.proven else refute(function, match) or "to be asked")
    return f"  {function.path}:{match.line}: {match.rule.id}{on}, in {function.name}(): {state}\n"


@app.command("test")
def test() -> None:
    """Try each rule on its own examples: the wrong one must trigger it, the right one must be told apart by code.

    Exit 1 when one is not as it should be.
    """
    seal()
    rules = _rules()
    for rule in rules:
        check_queries(rule)
    failed = {rule: said for rule in rules if (said := faults(rule))}
    for rule, said in failed.items():
        for sentence in said:
            write_out(f"{rule.id}: {sentence}\n")
    write_out(f"{len(rules) - len(failed)} of {len(rules)} rules are as their examples say\n")
    if failed:
        raise typer.Exit(Exit.FOUND)


@app.command("new")
def new(
    name: RuleArgument,
    subsystem: Annotated[str, typer.Option(metavar="NAME", help="The folder of prompts/rules it goes to.")],
) -> None:
    """Write the draft of a rule to fill in; until it is, 'lrev rules test' names it."""
    path = draft(prompts_directory() / "rules", name, subsystem)
    talk(f"lrev: wrote '{path}'")


@app.command("audit")
def audit_rules(
    tree: Annotated[
        str | None, typer.Option(metavar="NAME", help="The indexed tree to check against; default: the first.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Note the tree's version in each rule that holds, as verified_on.")
    ] = False,
    index: IndexOption = None,
    config: ConfigOption = None,
) -> None:
    """Check each rule's claims against the indexed tree; exit 1 when a rule does not hold."""
    seal()
    settings = load_settings(config, index=index)
    with ExitStack() as stack:
        opened = stack.enter_context(open_index(settings.index))
        base = reviewed(opened, tree)
        if len(opened.trees) > 1 and base.names:
            opened = stack.enter_context(open_index(settings.index, trees=base.names[:1]))
        ground = Ground(opened, base.tree)
        results = audit(_rules(), ground.check, ground.is_known)
        version = kernel_version(base.tree)
    for result in results:
        write_out("\n".join(_audited(result)) + "\n")
        if write and result.holds and mark_verified(result.rule.path, version or base.tree.name):
            talk(f"lrev: {result.rule.id} is marked as verified on {version}")
    held = sum(result.holds for result in results)
    write_out(f"{held} of {len(results)} rules hold on {version or base.tree.name}\n")
    if held < len(results):
        raise typer.Exit(Exit.FOUND)


def _audited(result: Audited) -> list[str]:
    lines = [f"{result.rule.id:<32} {'holds' if result.holds else 'does not hold'}"]
    for one in result.failed:
        lines.append(f"  stale: {one.claim}: {one.why}")
        lines += [f"    {one.where}"] if one.where else []
    lines += [f"  contradictory: it claims the opposite of {other}" for other in result.contradicts]
    if result.idle:
        lines.append("  never triggered: nothing that triggers it is in the tree")
    elif result.dangling:
        lines.append(f"  dangling: not in the tree: {', '.join(result.dangling)}")
    return lines
