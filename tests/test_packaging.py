"""What is installed is what was meant: the wheel has its data, the lock files have every dependency with its hash."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted((ROOT / "setup").glob("lock*.txt"))
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked() -> dict[str, Version]:
    found: dict[str, Version] = {}
    for path in LOCKS:
        for line in path.read_text().splitlines():
            pinned = PINNED.match(line)
            if pinned and path.name != "lock-torch-cpu.txt":
                found[canonicalize_name(pinned["name"])] = Version(pinned["version"])
    return found


def wanted() -> list[Requirement]:
    project = PROJECT["project"]
    lines = [*PROJECT["build-system"]["requires"], *project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(line) for line in lines]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = folder.glob("lrev-*.whl")
    return zipfile.ZipFile(path)


def test_wheel_has_every_prompt(wheel: zipfile.ZipFile) -> None:
    prompts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "prompts").rglob("*.md")}
    assert len(prompts) > 10
    assert {f"lrev/data/{path}" for path in prompts} <= set(wheel.namelist())


def test_wheel_has_the_models_and_its_types(wheel: zipfile.ZipFile) -> None:
    assert wheel.read("lrev/data/models.toml") == (ROOT / "models.toml").read_bytes()
    assert "lrev/py.typed" in wheel.namelist()


def test_wheel_has_every_module_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lrev").rglob("*.py")}
    assert modules == {entry for entry in wheel.namelist() if entry.endswith(".py")}
    assert {entry.split("/")[0] for entry in wheel.namelist()} == {
        "lrev",
        f"lrev-{PROJECT['project']['version']}.dist-info",
    }


def test_wheel_has_the_templates_of_the_morning_page(wheel: zipfile.ZipFile) -> None:
    templates = {path.relative_to(ROOT).as_posix() for path in (ROOT / "lrev/batch/morning/templates").iterdir()}
    assert "lrev/batch/morning/templates/morning.html.jinja" in templates
    assert templates == {entry for entry in wheel.namelist() if entry.startswith("lrev/batch/morning/templates/")}


def test_wheel_has_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    information = f"lrev-{PROJECT['project']['version']}.dist-info"
    assert wheel.read(f"{information}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert b"lrev = lrev.cli.app:main" in wheel.read(f"{information}/entry_points.txt")


def test_version_is_one() -> None:
    import lrev

    assert lrev.__version__ == PROJECT["project"]["version"]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_lock_has_the_dependency(requirement: Requirement) -> None:
    assert locked()[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_has_a_hash_for_each(path: Path) -> None:
    blocks = re.split(r"^(?=[a-z])", path.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    for block in blocks:
        assert PINNED.match(block)
        assert HASH.search(block)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_names_no_index(path: Path) -> None:
    """Whoever installs decides where from; the hashes say what."""
    text = path.read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_torch_is_one_release_in_both_builds() -> None:
    (cpu,) = [line for line in (ROOT / "setup/lock-torch-cpu.txt").read_text().splitlines() if PINNED.match(line)]
    assert cpu.split()[0] == f"torch=={locked()['torch']}+cpu"


def test_llama_cpp_comes_as_source() -> None:
    """One hash, of the sdist: a wheel built elsewhere may use instructions that this CPU lacks."""
    assert len(HASH.findall((ROOT / "setup/lock-llama.txt").read_text())) == 1


def test_each_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/dependencies.md").read_text()
    missing = [
        item.name for item in wanted() if not re.search(rf"^\| `?{re.escape(item.name)}\b", reasons, re.MULTILINE)
    ]
    assert not missing
