"""stdout is data, stderr is talk, and each kind of error ends with its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lrev.cli import app
from lrev.errors import Exit, LockHeld, LrevError, UsageError

ROOT = Path(__file__).resolve().parents[3]
PATCH = ROOT / "examples" / "series" / "clean.patch"


def lrev(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lrev", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_version_is_data() -> None:
    done = lrev("--version")
    assert (done.returncode, done.stdout, done.stderr) == (Exit.DONE, "lrev 0.1.0\n", "")


@pytest.mark.parametrize(
    ("arguments", "says", "hint"),
    [
        (["review", "--nonsense", "x"], "nonsense", ""),
        (["search", "--index", "/nowhere", "lamp"], "/nowhere", "lrev index"),
        (["review", "--no-model", "--index", "/nowhere", str(PATCH)], "/nowhere", "lrev index"),
        (["review", "--model", "lamp", "--index", "/nowhere", str(PATCH)], "no generator 'lamp'", "there are"),
        (["review", "--index", "/nowhere", str(PATCH)], "qwen2.5-coder-1.5b", "lrev models pull"),
        (["review", "--before", "yesterday", "--no-model", str(PATCH)], "'yesterday' is not a day", "2024-05-31"),
        (["review", "--upstream", "/nowhere", "--no-model", str(PATCH)], "'/nowhere' is not a directory", "DIR@REF"),
        (["review", "--upstream", "tests", "--no-model", str(PATCH)], "is not a git repository", "bare repository"),
        (["index", "--tree", "/nowhere"], "'/nowhere' is not a directory", "kernel tree"),
        (["index", "--remove", "lamp", "--status"], "only read the index", "lrev index"),
        (["models", "pull", "lamp"], "no model 'lamp'", ""),
        (["models", "add", "README.md"], "not a GGUF file", ""),
        (["rules", "audit", "--config", "/nowhere.toml"], "cannot open '/nowhere.toml'", ""),
    ],
)
def test_a_mistake_is_one_line_a_hint_and_exit_2(arguments: list[str], says: str, hint: str) -> None:
    done = lrev(*arguments)
    assert done.returncode == Exit.USAGE, done.stderr
    assert says in done.stderr
    assert hint in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_quiet_leaves_only_errors_on_stderr() -> None:
    loud, quiet = lrev("models", "add", "README.md"), lrev("--quiet", "models", "add", "README.md")
    assert loud.stderr == quiet.stderr != ""
    assert lrev("--quiet", "rules", "list").stderr == ""


def test_rules_are_listed_on_stdout() -> None:
    done = lrev("rules", "list")
    assert done.returncode == Exit.DONE
    assert "allocation-unchecked" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    done = lrev(name, "--help")
    assert done.returncode == Exit.DONE
    said = " ".join(done.stdout.split("Options:")[0].split())
    assert app.COMMANDS[name] in said


def test_only_the_command_that_runs_is_loaded() -> None:
    program = "import sys; from lrev.cli.app import command_line; command_line(['-q', 'rules']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("lrev.cli.")}
    assert "lrev.cli.rules" in loaded
    assert not {"lrev.cli.review", "lrev.cli.index"} & loaded


def ended(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr(app, "command_line", fail)
    with pytest.raises(SystemExit) as caught:
        app.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_every_error_is_told_escaped_with_its_own_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(UsageError("bad \x1b[2J name", "do this"), monkeypatch) == Exit.USAGE
    assert capsys.readouterr().err == "lrev: error: bad \\x1b[2J name\n\nhint: do this\n"
    assert ended(LockHeld("another builds"), monkeypatch) == Exit.MACHINE
    assert ended(OSError(28, "No space left on device", "/x"), monkeypatch) == Exit.MACHINE
    assert "No space left on device: '/x'" in capsys.readouterr().err


def test_a_defect_is_one_line_and_a_report(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(RuntimeError("oops"), monkeypatch) == Exit.DEFECT
    said = capsys.readouterr().err
    assert said.splitlines()[0] == "lrev: defect: RuntimeError: oops"
    report = Path(said.splitlines()[1].split("'")[1])
    assert "Traceback" in report.read_text()


def test_every_kind_of_error_has_a_documented_code() -> None:
    kinds: list[type[LrevError]] = [LrevError, *LrevError.__subclasses__()]
    assert all(isinstance(kind.exit_code, Exit) for kind in kinds)
