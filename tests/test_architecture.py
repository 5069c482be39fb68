"""The house is in order: layers, sizes, lazy imports, one place for git, one way to the terminal (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lrev"
MOST_FILE_LINES = 250
# All the data of the flow on one page, without a function of more than a few lines.
LONGER_FILES = {"types.py": 600}
MOST_FUNCTION_LINES = 50

HEAVY = {"torch", "sentence_transformers", "model2vec", "transformers", "llama_cpp", "faiss", "tantivy"}

# Modules that start another program: git (invariant 7b), pip for `models pull`, our own sealed children, and checkers
# that are not ours where they were asked for.
MAY_START_PROGRAMS = ("subprocess", "multiprocessing", "pty")
STARTERS = {
    "source/git.py",
    "source/programs.py",
    "indexing/pool.py",
    "model/download.py",
    "model/template.py",
    "model/worker.py",
}
# Modules that write to stdout or stderr themselves; all others go through lrev.log, which escapes (invariant 7c).
WRITERS = {"log.py", "cli/output.py", "cli/progress.py", "cli/app.py"}
# Formats that run code when they are read (invariant 9).
UNSAFE_FORMATS = {"pickle", "shelve", "dill", "joblib", "cloudpickle"}
SENDS_MAIL = {"smtplib"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


every_module = pytest.mark.parametrize("path", modules(), ids=name)


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in `tree`, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(path: Path, banned: set[str] | tuple[str, ...]) -> list[str]:
    return [module for module in imported(ast.parse(path.read_text())) if module.split(".")[0] in banned]


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 30


def test_imports_go_down_only() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert "2 kept, 0 broken" in result.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["review", "--help"], ["models", "--help"], ["--version"]])
def test_help_loads_no_heavy_library(arguments: list[str]) -> None:
    """In a process of its own: pytest and its plugins import what they like."""
    program = (
        "import sys\n"
        "from lrev.cli.app import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        f"    print('loaded:', *({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program, *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stderr.splitlines()[-1].split() == ["loaded:"]


@every_module
def test_a_file_fits_the_house(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGER_FILES.get(name(path), MOST_FILE_LINES)


@every_module
def test_functions_fit_a_screen(path: Path) -> None:
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MOST_FUNCTION_LINES
    ]
    assert not long


@every_module
def test_a_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree) or not tree.body


@every_module
def test_only_few_modules_start_programs(path: Path) -> None:
    if name(path) not in STARTERS:
        assert not imports(path, MAY_START_PROGRAMS)
        calls = {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
        assert not {call for call in calls if call.startswith(("os.exec", "os.spawn", "os.posix_spawn", "os.fork"))}
        assert not calls & {"os.system", "os.popen"}


@every_module
def test_only_one_module_runs_git(path: Path) -> None:
    """No other module has a list or tuple whose first word is git, the form of a command line."""
    commands = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.List | ast.Tuple)
        and node.elts
        and isinstance(node.elts[0], ast.Constant)
        and node.elts[0].value in {"git", "/usr/bin/git"}
    ]
    assert name(path) == "source/git.py" or not commands


@every_module
def test_what_is_said_goes_through_escape(path: Path) -> None:
    if name(path) in WRITERS:
        assert "escape(" in path.read_text()
        return
    streams = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node).startswith(("sys.stdout.write", "sys.stderr.write", "typer.echo", "typer.secho"))
    ]
    printed = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not streams
    assert not printed


@every_module
def test_nothing_that_runs_code_is_read_and_nothing_is_sent(path: Path) -> None:
    assert not imports(path, UNSAFE_FORMATS | SENDS_MAIL)


def test_typer_has_a_click_of_its_own() -> None:
    """`raise click.ClickException` would end in a traceback, as typer catches the exceptions of its own click only."""
    assert not {name(path) for path in modules() if imports(path, {"click"})}
