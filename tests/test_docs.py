"""Documentation that cannot fall behind: docs/cli.md is --help, and every option, key and exit code stands in docs/."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

from lrev.errors import Exit
from lrev.manifest import ModelSpec
from lrev.paths import prompts_directory
from lrev.rules.load import load_rules
from lrev.rules.rule import Refuter
from lrev.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
COMMANDS = (
    "",
    "index",
    "search",
    "symbol",
    "thread",
    "review",
    "batch",
    "batch add",
    "batch run",
    "batch status",
    "batch stop",
    "batch retry",
    "batch clear",
    "batch report",
    "context",
    "eval",
    "eval checks",
    "eval retrieval",
    "models",
    "models list",
    "models pull",
    "models verify",
    "models add",
    "models qualify",
    "rules",
    "rules list",
    "rules show",
    "rules match",
    "rules test",
    "rules new",
    "rules audit",
)
PAGES = {
    "index": "index.md",
    "search": "search.md",
    "review": "review.md",
    "context": "context.md",
    "batch add": "batch.md",
    "batch run": "batch.md",
    "batch status": "batch.md",
    "batch clear": "batch.md",
    "eval checks": "eval.md",
    "eval retrieval": "eval.md",
    "rules audit": "rules.md",
    "models add": "models.md",
    "models qualify": "models.md",
}
WIDTH_COLUMNS = "100"
EXITS = {
    Exit.DONE: "done",
    Exit.FOUND: "done, and a finding reaches `--fail-on`, or a check such as `rules audit` or `index --verify` failed",
    Exit.USAGE: "the user's mistake: usage, configuration, a missing model, an index that is missing or of another "
    "schema, chunker or embedder, unreadable mail",
    Exit.DEFECT: "a defect of lrev: one line, and the path of a report with versions and traceback",
    Exit.INCOMPLETE: "a batch finished, and some jobs failed or were not reached",
    Exit.MACHINE: "the machine: no seccomp, full disk, a lock held, a dead model process",
    Exit.INTERRUPTED: "Ctrl-C; whatever was going on can be resumed",
}


@cache
def help_of(command: str) -> str:
    environment = {**os.environ, "COLUMNS": WIDTH_COLUMNS, "TERMINAL_WIDTH": WIDTH_COLUMNS, "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "lrev", *command.split(), "--help"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def cli_page() -> str:
    parts = ["# The command line", "", "What `--help` prints, and what the exit codes mean.", ""]
    for command in COMMANDS:
        parts += [f"## lrev {command}".rstrip(), "", "```", help_of(command), "```", ""]
    parts += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    parts += [f"| {code.value} | {meaning} |" for code, meaning in EXITS.items()]
    return "\n".join(parts) + "\n"


def test_the_page_of_the_command_line_is_what_help_prints(rewrite_golden: bool) -> None:
    page = DOCS / "cli.md"
    if rewrite_golden:
        page.write_text(cli_page())
    assert page.read_text() == cli_page(), "run: make golden"


def test_every_exit_code_is_explained() -> None:
    assert set(EXITS) == set(Exit)


@pytest.mark.parametrize(("command", "page"), PAGES.items())
def test_every_option_stands_on_its_commands_page(command: str, page: str) -> None:
    options = set(re.findall(r"--[a-z][a-z-]+", help_of(command))) - {"--help"}
    text = (DOCS / page).read_text()
    assert options
    assert not {option for option in options if option not in text}


@pytest.mark.parametrize(("page", "kind"), [("models.md", ModelSpec), ("settings.md", Settings)])
def test_every_key_is_explained(page: str, kind: type) -> None:
    text = (DOCS / page).read_text()
    keys = [field.name for field in fields(kind)]
    assert len(keys) > 5
    assert not [key for key in keys if f"`{key}`" not in text]


def test_every_refuter_and_rule_key_is_explained() -> None:
    text = (DOCS / "rule-format.md").read_text()
    assert not [refuter.value for refuter in Refuter if f"`{refuter.value}`" not in text]
    rule = next((prompts_directory() / "rules").glob("*/*.md")).read_text()
    keys = re.findall(r"^(\w+) = ", rule.split("+++")[1], re.MULTILINE)
    assert not [key for key in keys if f"{key}`" not in text]
    assert load_rules(prompts_directory() / "rules")


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.name
)
def test_a_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+?)\)", page.read_text())
    assert not [target for target in targets if "://" not in target and not (page.parent / target).exists()]
