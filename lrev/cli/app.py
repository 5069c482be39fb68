"""The `lrev` command and the one place where an error becomes words and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from lrev import __version__
from lrev.cli import index, models, review, rules, search, symbol, thread
from lrev.errors import Exit, LrevError, MachineError
from lrev.log import be_quiet, defect_report, escape
from lrev.paths import log_directory

app = typer.Typer(
    name="lrev",
    help="Review Linux kernel patches on this machine, with a local model and without a network.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("index")(index.command)
app.command("search")(search.command)
app.command("symbol")(symbol.command)
app.command("thread")(thread.command)
app.command("review")(review.command)
app.add_typer(models.app, name="models")
app.add_typer(rules.app, name="rules")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lrev {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[  # noqa: ARG001  its callback has acted on it
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")] = False,
) -> None:
    """Review Linux kernel patches on this machine, with a local model and without a network."""
    if quiet:
        be_quiet()


def main() -> None:
    """Run a command. Every LrevError ends as one line, a hint and its exit code; anything else is a defect."""
    try:
        app(prog_name="lrev")
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
