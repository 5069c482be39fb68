from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.errors import IndexMissing
from lrev.indexing.build import build
from lrev.indexing.overlay import overlay, overlay_files
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.paths import cache_directory
from lrev.source.git import Repository
from lrev.source.tree import DirectoryTree, GitTree, OverlayTree
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, make_tree

EMBEDDER = WordEmbedder()
TURNED = LAMP_C.replace("lamp_switch", "lamp_turn")
PATH = "drivers/lamp/lamp.c"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture
def index(tree: Path, tmp_path: Path) -> Iterator[Index]:
    build(sources_of([tree / "drivers", tree / "include"], []), tmp_path / "index", EMBEDDER)
    with open_index(tmp_path / "index") as opened:
        yield opened


def snapshot(directory: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in directory.rglob("*"))


def test_a_tree_that_has_not_moved_needs_no_overlay(index: Index, tree: Path) -> None:
    assert overlay(index, DirectoryTree(tree), EMBEDDER) is index


def test_changed_new_and_deleted_files(index: Index, tree: Path) -> None:
    before = snapshot(index.directory)
    (tree / PATH).write_text(TURNED)
    (tree / "drivers/lamp/new.c").write_text("void lamp_new(void)\n{\n\tlamp_turn(NULL, false);\n}\n")
    (tree / "include/linux/lamp.h").unlink()
    (tree / "Documentation/lamp.rst").write_text("not indexed, so not overlaid: lamp_documented()\n")
    with overlay(index, DirectoryTree(tree), EMBEDDER) as over:
        assert [one.path for one in over.definitions("lamp_turn")] == [PATH]
        assert [one.path for one in over.callers("lamp_turn")] == [PATH, "drivers/lamp/new.c"]
        for gone in ("lamp_switch", "LAMP_VOLTS", "lamp_documented"):
            assert not over.exists(gone), gone
        assert over.search("lamp_new", EMBEDDER)[0].source == "drivers/lamp/new.c:1-4"
        assert all(hit.path != "include/linux/lamp.h" for hit in over.words("lamp struct", 20))
    assert index.exists("lamp_switch")
    assert snapshot(index.directory) == before


def test_another_checkout_is_compared_by_content_not_by_time(index: Index, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    same_size = LAMP_C.replace("lamp_switch", "lamp_twitch"[:11])
    (other / PATH).write_text(same_size)
    old = (tree / PATH).stat()
    os.utime(other / PATH, ns=(old.st_atime_ns, old.st_mtime_ns))
    with overlay(index, DirectoryTree(other), EMBEDDER) as over:
        assert over.exists("lamp_twitch")
        assert not over.exists("lamp_switch")


def test_another_checkout_is_read_once(
    index: Index, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    read: list[str] = []
    really = DirectoryTree.read_walked
    monkeypatch.setattr(
        DirectoryTree,
        "read_walked",
        lambda self, path: read.append(path) or really(self, path),  # type: ignore[func-returns-value]
    )
    assert overlay(index, DirectoryTree(other), EMBEDDER) is index
    assert sorted(read) == ["drivers/lamp/Kconfig", PATH, "include/linux/lamp.h"]
    (other / PATH).write_text(TURNED)
    read.clear()
    for wanted in ([PATH], []):
        with overlay(index, DirectoryTree(other), EMBEDDER) as over:
            assert over.exists("lamp_turn")
        assert read == wanted
        read.clear()


def test_a_remembered_checkout_that_cannot_be_read_is_made_again(index: Index, tree: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    assert overlay(index, DirectoryTree(other), EMBEDDER) is index
    (cached,) = (cache_directory() / "listings").iterdir()
    cached.write_bytes(b"no database")
    assert overlay(index, DirectoryTree(other), EMBEDDER) is index
    assert cached.read_bytes().startswith(b"SQLite format 3")


def test_only_so_many_checkouts_are_remembered(index: Index, tree: Path, tmp_path: Path) -> None:
    for at in range(9):
        other = tmp_path / f"other{at}"
        shutil.copytree(tree, other)
        assert overlay(index, DirectoryTree(other), EMBEDDER) is index
    assert len(list((cache_directory() / "listings").iterdir())) == 8


def test_post_images_of_a_patch(index: Index) -> None:
    files = {PATH: TURNED.encode(), "include/linux/lamp.h": None, "README": b"text", "net/other.c": b"int other;\n"}
    files["drivers/lamp/\udcff.c"] = b"int unnamed;\n"
    with overlay_files(index, files, EMBEDDER) as over:
        assert over.exists("lamp_turn")
        assert not over.exists("LAMP_VOLTS")
        assert not over.exists("other")


def test_a_patched_tree_that_has_moved_on(index: Index, tree: Path) -> None:
    (tree / "drivers/lamp/new.c").write_text("void lamp_new(void)\n{\n}\n")
    patched = OverlayTree(DirectoryTree(tree), {PATH: TURNED.encode()})
    with overlay(index, patched, EMBEDDER) as over:
        assert over.exists("lamp_turn")
        assert over.exists("lamp_new")
        assert not over.exists("lamp_switch")


def test_the_same_change_is_parsed_once(index: Index) -> None:
    for _ in range(2):
        with overlay_files(index, {PATH: TURNED.encode()}, EMBEDDER) as over:
            assert over.exists("lamp_turn")
    (only,) = (cache_directory() / "overlays").iterdir()
    made = only.stat().st_ctime_ns, sorted(path.stat().st_mtime_ns for path in only.rglob("*"))
    with overlay_files(index, {PATH: TURNED.encode()}, EMBEDDER):
        pass
    assert sorted(path.stat().st_mtime_ns for path in only.rglob("*")) == made[1]


def test_what_a_killed_process_left_is_swept(index: Index) -> None:
    overlays = cache_directory() / "overlays"
    for name in ("killed.1.tmp", "at-work.2.tmp"):
        (overlays / name).mkdir(parents=True)
    os.utime(overlays / "killed.1.tmp", (1, 1))
    with overlay_files(index, {PATH: TURNED.encode()}, EMBEDDER):
        names = {path.name for path in overlays.iterdir()}
    assert "killed.1.tmp" not in names
    assert "at-work.2.tmp" in names


def test_a_change_back_to_an_indexed_blob_needs_no_segment(index: Index) -> None:
    with overlay_files(index, {"drivers/lamp/copy.c": LAMP_C.encode()}, EMBEDDER) as over:
        assert {one.path for one in over.definitions("lamp_switch")} == {PATH, "drivers/lamp/copy.c"}
    assert not (cache_directory() / "overlays").exists()


def test_vectors_of_other_weights_are_not_mixed_in(index: Index) -> None:
    with pytest.raises(IndexMissing, match="other weights"):
        overlay_files(index, {PATH: b"int x;\n"}, WordEmbedder(sha256="e" * 64))


def test_a_commit_is_laid_over_its_checkout(index: Index, tree: Path, tmp_path: Path) -> None:
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "one")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(("git", *identity, *arguments), cwd=tree, check=True)
    repository = Repository.open(tree)
    committed = GitTree(repository, repository.rev_parse("HEAD"))
    assert overlay(index, committed, EMBEDDER) is index
    (tree / PATH).write_text(TURNED)
    build(Sources(), tmp_path / "index", EMBEDDER)
    with open_index(tmp_path / "index") as dirty, overlay(dirty, committed, EMBEDDER) as over:
        assert dirty.exists("lamp_turn")
        assert not over.exists("lamp_turn")
        assert over.exists("lamp_switch")
