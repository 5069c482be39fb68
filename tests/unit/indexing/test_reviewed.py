"""The tree that a review is for, and what of the others it sees."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.cli.index import status_text
from lrev.cli.search import hit_text
from lrev.errors import UsageError
from lrev.indexing.build import build
from lrev.indexing.overlay import overlay
from lrev.indexing.reader import Index, open_index
from lrev.indexing.reviewed import reviewed
from lrev.indexing.sources import sources_of
from lrev.source.tree import DirectoryTree, GitTree
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, make_tree

EMBEDDER = WordEmbedder()
PATH = "drivers/lamp/lamp.c"
TURNED = LAMP_C.replace("lamp_switch", "lamp_turn")
DRIVER_C = "int torch_light(struct lamp *lamp)\n{\n\treturn lamp_light(lamp);\n}\n"


def git(directory: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", *identity, *arguments), cwd=directory, capture_output=True, check=True)


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """Branch `old` with LAMP_C, branch `new` with TURNED, checked out."""
    root = make_tree(tmp_path / "kernel")
    git(root, "init", "-q", "-b", "old", ".")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "old")
    git(root, "switch", "-qc", "new")
    (root / PATH).write_text(TURNED)
    git(root, "commit", "-qam", "new")
    return root


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    root = tmp_path / "driver"
    (root / "src").mkdir(parents=True)
    (root / "src/torch.c").write_text(DRIVER_C)
    (root / "MAINTAINERS").write_text("text\n")
    return root


@pytest.fixture
def index(kernel: Path, driver: Path, tmp_path: Path) -> Iterator[Index]:
    given: list[str | Path] = [f"mainline={kernel}@new", f"stable={kernel}@old", driver]
    build(sources_of(given, []), tmp_path / "index", EMBEDDER)
    with open_index(tmp_path / "index") as opened:
        yield opened


def seen(index: Index, name: str, trees: tuple[str, ...]) -> set[str]:
    with open_index(index.directory, trees=trees) as opened:
        return {one.tree for one in opened.definitions(name)}


def test_a_version_is_not_seen_from_another_but_a_driver_is(index: Index) -> None:
    assert reviewed(index, None).names == ("mainline", "driver")
    assert reviewed(index, "stable").names == ("stable", "driver")
    assert reviewed(index, "driver").names == ("driver", "mainline")


def test_what_is_not_seen_is_not_there(index: Index) -> None:
    stable = reviewed(index, "stable").names
    assert (seen(index, "lamp_switch", stable), seen(index, "lamp_turn", stable)) == ({"stable"}, set())
    assert seen(index, "lamp_light", ("driver", "mainline")) == {"mainline"}
    assert seen(index, "torch_light", stable) == {"driver"}
    with open_index(index.directory, trees=stable) as opened:
        assert not opened.exists("lamp_turn")
        assert opened.listing.blob_at("MAINTAINERS") == DirectoryTree(Path(index.trees[1].root)).blob("MAINTAINERS")
        hits = opened.search("light a lamp", EMBEDDER, limit=20)
        assert {tree for hit in hits for tree in hit.trees} == {"stable", "driver"}


def test_by_name_by_commit_and_by_directory(index: Index, kernel: Path, driver: Path, tmp_path: Path) -> None:
    for given, kind, first in (
        ("stable", GitTree, "stable"),
        (f"{kernel}@old", GitTree, "stable"),
        (f"{kernel}@new", GitTree, "mainline"),
        (str(kernel), DirectoryTree, "mainline"),
        (str(driver), DirectoryTree, "driver"),
        (str(make_tree(tmp_path / "elsewhere")), DirectoryTree, "mainline"),
    ):
        found = reviewed(index, given)
        assert (type(found.tree), found.names[0]) == (kind, first), given
        assert (found.repository is not None) == (kernel.name in given or given == "stable")
    with pytest.raises(UsageError, match="'absent' is not a directory"):
        reviewed(index, "absent")


def test_a_tree_that_is_gone_is_not_reviewed_as_empty(index: Index, driver: Path) -> None:
    driver.rename(driver.with_name("away"))
    with pytest.raises(UsageError, match="is not there"):
        reviewed(index, "driver")


def test_changes_are_laid_over_the_tree_they_are_of(index: Index, kernel: Path, driver: Path) -> None:
    (driver / "src/torch.c").write_text(DRIVER_C.replace("torch_light", "torch_glow"))
    names = reviewed(index, str(driver)).names
    with (
        open_index(index.directory, trees=names) as opened,
        overlay(opened, DirectoryTree(driver), EMBEDDER) as over,
    ):
        assert over.exists("torch_glow")
        assert not over.exists("torch_light")
        assert over.exists("lamp_turn")
        assert not over.exists("lamp_switch")
    stable = reviewed(index, "stable")
    with open_index(index.directory, trees=stable.names) as opened:
        assert overlay(opened, stable.tree, EMBEDDER) is opened


def test_an_unknown_tree(index: Index) -> None:
    with pytest.raises(UsageError, match="no tree 'absent'") as told:
        open_index(index.directory, trees=("absent",))
    assert told.value.hint == "there are: mainline, stable, driver"


def test_what_is_shown_says_the_tree_where_there_are_several(index: Index) -> None:
    (header,) = [hit for hit in index.search("struct lamp", EMBEDDER, limit=20) if hit.chunk.name == "lamp"][:1]
    assert header.trees == ("mainline", "stable")
    first, *_ = hit_text(header, several_trees=True).splitlines()
    assert first.endswith("lamp  (mainline, stable)")
    assert hit_text(header, several_trees=False).splitlines()[0] == first.removesuffix("  (mainline, stable)")


def test_status_says_what_is_gone(index: Index, driver: Path, tmp_path: Path) -> None:
    driver.rename(tmp_path / "away")
    build(sources_of([], []), tmp_path / "index", EMBEDDER)
    with open_index(index.directory) as opened:
        last = status_text(opened.status(), skipped=True).splitlines()[-1]
    assert last == f"  driver: nothing to index in tree '{driver}'; what it had is kept"


def test_status_says_name_ref_and_state(index: Index, kernel: Path, driver: Path, tmp_path: Path) -> None:
    (kernel / PATH).write_text(LAMP_C)
    (kernel / "new.c").write_text("int new;\n")
    build(sources_of([kernel], []), tmp_path / "index", EMBEDDER)
    with open_index(index.directory) as opened:
        lines = status_text(opened.status(), skipped=False).splitlines()
    at = {name: tree.commit[:12] for name, tree in zip(("new", "old"), opened.trees, strict=False)}
    assert [line.removeprefix("tree").strip() for line in lines if line.startswith("tree ")] == [
        f"mainline = {kernel}@new at {at['new']}: 6 files",
        f"stable = {kernel}@old at {at['old']}: 6 files",
        f"{driver}: 2 files",
        f"{kernel} at {at['new']} with 1 changed, 1 untracked: 7 files",
    ]
