from __future__ import annotations

from pathlib import Path

from lrev.source.base import find_base
from lrev.source.git import Repository, blob_id
from lrev.source.series import read_input
from lrev.source.tree import DirectoryTree
from lrev.types import BaseHow, Series
from tests.unit.source.repositories import git

OLD, NEW = b"int a;\n", b"long a;\n"


def series(blob: str = "", base: str = "", path: str = "a.c") -> Series:
    index = f"index {blob}..{blob_id(NEW)[:12]} 100644\n" if blob else ""
    diff = f"diff --git a/{path} b/{path}\n{index}--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-int a;\n+long a;\n"
    trailer = f"\nbase-commit: {base}\n" if base else ""
    text = f"From: ann@example.org\nSubject: [PATCH] a\nMessage-Id: <1@example.org>\n\n{diff}{trailer}"
    (found,) = read_input("-", text.encode(), None)
    return found


def test_blob_ids_of_a_plain_directory(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(OLD)
    base, _ = find_base(series(blob_id(OLD)[:12]), DirectoryTree(tmp_path), None)
    assert (base.how, base.files_matched, base.files_total, base.applies) == (BaseHow.BLOBS, 1, 1, True)


def test_other_blobs_leave_the_names_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(b"/* moved on */\n" + OLD)
    base, _ = find_base(series(blob_id(OLD)[:12]), DirectoryTree(tmp_path), None)
    assert (base.how, base.applies) == (BaseHow.NAMES, True)


def test_a_file_that_is_not_there_and_one_that_does_not_match(tmp_path: Path) -> None:
    base, _ = find_base(series(), DirectoryTree(tmp_path), None)
    assert (base.how, base.applies) == (BaseHow.NONE, False)
    (tmp_path / "a.c").write_bytes(b"char a;\n")
    base, _ = find_base(series(), DirectoryTree(tmp_path), None)
    assert base.how is BaseHow.NAMES and "hunk 1" in base.problem


def test_the_base_commit_goes_before_the_tree(repository: Path) -> None:
    opened = Repository.open(repository)
    first = opened.rev_parse("HEAD~1")
    base, tree = find_base(series(base=first), DirectoryTree(repository), opened)
    assert (base.how, base.commit) == (BaseHow.BASE_COMMIT, first)
    assert tree.read("a.c") == OLD
    unknown, _ = find_base(series(base="0" * 40), DirectoryTree(repository), opened)
    assert unknown.how is not BaseHow.BASE_COMMIT


def test_a_pre_image_that_only_git_still_has_is_laid_over_the_tree(repository: Path) -> None:
    base, tree = find_base(series(blob_id(OLD)[:12]), DirectoryTree(repository), Repository.open(repository))
    assert (repository / "a.c").read_bytes() == NEW
    assert tree.read("a.c") == OLD
    assert (base.how, base.applies) == (BaseHow.BLOBS, True)


def test_a_commit_is_laid_on_its_parent(repository: Path) -> None:
    opened = Repository.open(repository)
    (found,) = read_input("HEAD", None, opened)
    base, tree = find_base(found, DirectoryTree(repository), opened)
    assert (base.how, base.commit, base.applies) == (BaseHow.PARENT, git(repository, "rev-parse", "HEAD~1"), True)
    assert tree.read("a.c") == OLD


def test_a_later_patch_of_a_series_is_not_held_against_the_tree(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(OLD)
    first = series(blob_id(OLD)[:12]).patches[0]
    index = f"index {blob_id(NEW)[:12]}..1234567 100644"
    text = f"diff --git a/a.c b/a.c\n{index}\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-long a;\n+char a;\n"
    second = read_input("-", text.encode(), None)[0].patches[0]
    base, _ = find_base(Series((first, second)), DirectoryTree(tmp_path), None)
    assert (base.how, base.applies) == (BaseHow.BLOBS, True)


def test_a_renamed_file_is_gone_for_later_patches(tmp_path: Path) -> None:
    (tmp_path / "a.c").write_bytes(OLD)
    moved = "diff --git a/a.c b/b.c\nsimilarity index 100%\nrename from a.c\nrename to b.c\n"
    first = read_input("-", moved.encode(), None)[0].patches[0]
    second = series().patches[0]
    base, _ = find_base(Series((first, second)), DirectoryTree(tmp_path), None)
    assert (base.applies, base.problem) == (False, "'a.c' does not exist")
    third = series(path="b.c").patches[0]
    base, _ = find_base(Series((first, third)), DirectoryTree(tmp_path), None)
    assert base.applies
