"""The examples are what examples/README.md says: they apply, parse, build the same each time and name nobody real."""

from __future__ import annotations

import json
import mailbox
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TREE = EXAMPLES / "tree"
SERIES = EXAMPLES / "series"
PLANTED = "pebble-lantern-series.mbox"
CLEAN = "clean.patch"
MOST_BYTES = 400_000  # the demo reads all of it on two cores in a few minutes
ADDRESS = re.compile(rb"[\w.+-]+@([A-Za-z0-9-]+\.[A-Za-z0-9.-]*[A-Za-z])")
INDEX_LINE = re.compile(r"^diff --git a/(\S+) b/\S+\nindex ([0-9a-f]+)\.\.([0-9a-f]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Planted:
    patch: int
    file: str
    function: str
    mechanism: str
    text: str
    line: int
    cause: str
    cause_line: int
    why: str


def git(directory: Path, *arguments: str, data: bytes = b"") -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": str(directory.parent)}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, input=data, check=True, capture_output=True
    )
    return done.stdout.decode()


def patches(name: str) -> list[bytes]:
    """The mails of a series that hold a diff, in order."""
    with closing(mailbox.mbox(SERIES / name, create=False)) as box:
        bodies = [message.get_payload(decode=True) for message in box]
    return [body for body in bodies if isinstance(body, bytes) and b"\ndiff --git " in body]


def expected(name: str) -> list[Planted]:
    return [Planted(**entry) for entry in json.loads((SERIES / "expected.json").read_text())[name]]


def function_text(source: str, name: str) -> tuple[int, list[str]]:
    """The line on which a function starts and its lines up to the closing brace in the first column."""
    lines = source.splitlines()
    start = next(i for i, line in enumerate(lines) if re.match(rf"\w.*\b{name}\(", line) and not line.endswith(";"))
    end = next(i for i in range(start, len(lines)) if lines[i] == "}")
    return start + 1, lines[start : end + 1]


def committed(directory: Path) -> list[Path]:
    """The files of the examples without the archive, which is built."""
    built = (directory / "archive", directory / "__pycache__")
    return [path for path in directory.rglob("*") if path.is_file() and not any(part in path.parents for part in built)]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TREE, tmp_path / "tree"))


@pytest.mark.parametrize(("name", "count"), [(PLANTED, 3), (CLEAN, 1)])
def test_each_patch_applies_and_its_blob_ids_are_true(tree: Path, name: str, count: int) -> None:
    bodies = patches(name)
    assert len(bodies) == count
    for body in bodies:
        changes = INDEX_LINE.findall(body.decode())
        assert len(changes) == body.count(b"\ndiff --git ")
        for path, before, _ in changes:
            assert git(tree, "hash-object", path).startswith(before)
        git(tree, "apply", "--whitespace=error-all", data=body)
        for path, _, after in changes:
            assert git(tree, "hash-object", path).startswith(after)


@pytest.mark.parametrize("name", ["", PLANTED, CLEAN])
def test_a_compiler_parses_the_tree_before_and_after(tree: Path, name: str) -> None:
    for body in patches(name) if name else []:
        git(tree, "apply", data=body)
    done = subprocess.run(["make", "-s", "all"], cwd=tree, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_planted_lines_stand_in_the_post_image(tree: Path) -> None:
    planted = expected(PLANTED)
    for number, body in enumerate(patches(PLANTED), start=1):
        git(tree, "apply", data=body)
        for defect in (defect for defect in planted if defect.patch == number):
            assert f"+{defect.text}\n".encode() in body
            first, lines = function_text((tree / defect.file).read_text(), defect.function)
            assert lines[defect.line - first] == defect.text
            assert lines[defect.cause_line - first] == defect.cause
    assert [defect.patch for defect in planted] == [1, 2, 3]
    assert {defect.mechanism for defect in planted} == {"leak", "lock", "unchecked allocation"}
    assert expected(CLEAN) == []


def build(output: Path) -> str:
    command = [sys.executable, str(EXAMPLES / "make_archive.py"), str(output)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_the_archive_is_the_same_twice(tmp_path: Path) -> None:
    head = build(tmp_path / "first")
    assert re.fullmatch(r"[0-9a-f]{40}", head)
    assert build(tmp_path / "second") == head
    assert build(tmp_path / "first") == head
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]


def test_the_archive_holds_each_message_but_the_deleted_one(tmp_path: Path) -> None:
    build(tmp_path / "archive")
    repository = tmp_path / "archive" / "git" / "0.git"
    kept: set[str] = set()
    for commit in git(repository, "rev-list", "--reverse", "master").split():
        _, _, blob, name = git(repository, "ls-tree", commit).split()
        if name == "m":
            kept.add(blob)
        else:
            assert name == "d"
            kept.remove(blob)
    mails = sorted((EXAMPLES / "messages").glob("*.eml"))
    ids = {mail.name: git(tmp_path, "hash-object", "--no-filters", str(mail)).strip() for mail in mails}
    assert 25 <= len(ids) <= 40
    assert set(ids.values()) - kept == {ids["0028-spam.eml"]}
    assert len(kept) == len(ids) - 1


def test_the_archive_never_replaces_another_directory(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        build(tmp_path)
    assert "is not an archive" in refused.value.stderr
    assert (tmp_path / "thesis.txt").exists()


def test_each_message_answers_one_before_it() -> None:
    seen: set[str] = set()
    for path in sorted((EXAMPLES / "messages").glob("*.eml")):
        message = BytesParser(policy=default).parsebytes(path.read_bytes())
        assert message.defects == [], path.name
        assert message["Date"].datetime.year in {2023, 2024}, path.name
        assert set(re.findall(r"<\S+>", message.get("References", ""))) <= seen, path.name
        assert message["Message-Id"] not in seen
        seen.add(str(message["Message-Id"]).strip())


def test_every_address_is_at_example_org() -> None:
    texts = [path.read_bytes() for path in committed(EXAMPLES)]
    for path in (EXAMPLES / "messages").glob("*.eml"):
        for part in BytesParser(policy=default).parsebytes(path.read_bytes()).walk():
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                texts.append(body)
    hosts = {host for text in texts for host in ADDRESS.findall(text)}
    assert hosts == {b"example.org", b"lists.example.org"}


def test_the_examples_are_small() -> None:
    assert sum(path.stat().st_size for path in committed(EXAMPLES)) < MOST_BYTES
