"""The `lrev` command and the one place where an error becomes words and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from lrev import __version__
from lrev.errors import Exit, LrevError, MachineError
from lrev.log import be_quiet, defect_report, escape
from lrev.paths import log_directory

# What --help lists of each, so that only the module of the command that runs is loaded: all of them take a second.
COMMANDS = {
    "index": "Build the index, or bring it up to date: source, documentation and mail.",
    "search": "Search source, documentation and mail; print file:line or message-id and the first lines of each hit.",
    "symbol": "Print where a name is defined, what is known of it and from where, who calls it, and what it calls.",
    "thread": "Print the indexed messages of a thread as a tree: date, sender, subject and message-id of each.",
    "review": "Review a patch, a series, a commit or a range, and draft a reply for a person to check.",
    "batch": "Review many patches unattended, the most promising first.",
    "context": "Print what a reviewer of a patch would have looked up, with its sources, reasons and cost.",
    "models": "List, fetch, check, add and qualify models.",
    "rules": "List the review rules, try them, and check them against the indexed tree.",
    "eval": "Measure what lrev finds of bugs that are known, and what it looks up of what reviewers knew.",
}
_GROUPS = {"batch", "models", "rules", "eval"}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lrev {__version__}")
        raise typer.Exit


def options(
    version: Annotated[  # noqa: ARG001  its callback has acted on it
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")] = False,
) -> None:
    """Review Linux kernel patches on this machine, with a local model and without a network."""
    if quiet:
        be_quiet()


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """The `lrev` command as far as these arguments need it."""
    app = typer.Typer(
        name="lrev",
        help="Review Linux kernel patches on this machine, with a local model and without a network.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    chosen = next((one for one in arguments if not one.startswith("-")), "")
    for name, line in COMMANDS.items():
        module = import_module(f"lrev.cli.{name}") if name == chosen else None
        if module is None:
            app.command(name, help=line)(_listed_only)
        elif name in _GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(module.command)
    return app


def _listed_only() -> None:
    """Stands for a command in the list of them; what is run has its own function."""


def main() -> None:
    """Run a command. Every LrevError ends as one line, a hint and its exit code; anything else is a defect."""
    try:
        command_line(sys.argv[1:])(prog_name="lrev")
    except LrevError as error:
        _fail(error)
    except BrokenPipeError:
        # The reader of our output has gone; nothing is left to say, and Python must not try to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.DONE)
    except OSError as error:
        _fail(MachineError(f"{error.strerror or error}" + (f": '{error.filename}'" if error.filename else "")))
    except Exception as error:
        report = defect_report(error, log_directory())
        _say(f"lrev: defect: {type(error).__name__}: {error}")
        _say(f"the traceback and versions are in '{report}'")
        sys.exit(Exit.DEFECT)


def _fail(error: LrevError) -> NoReturn:
    _say(f"lrev: error: {error.message}")
    if error.hint:
        _say(f"\nhint: {error.hint}")
    sys.exit(error.exit_code)


def _say(text: str) -> None:
    sys.stderr.write(escape(text) + "\n")


if __name__ == "__main__":
    main()
