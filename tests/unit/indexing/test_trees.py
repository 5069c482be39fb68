"""Several trees in one index: directories and commits, named, taken out, and gone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from lrev.errors import GitError, UsageError
from lrev.indexing.build import build
from lrev.indexing.found import Definition
from lrev.indexing.layout import Generation, TreeRecord
from lrev.indexing.reader import open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.indexing.tree_names import tree_source
from lrev.source.git import blob_id
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, V2Epoch, mail, make_tree, thread

EMBEDDER = WordEmbedder()
PATH = "drivers/lamp/lamp.c"
TURNED = LAMP_C.replace("lamp_switch", "lamp_turn")


def git(directory: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    command = ("git", *identity, *arguments)
    return subprocess.run(command, cwd=directory, capture_output=True, check=True, text=True).stdout.strip()


def commit_all(directory: Path) -> str:
    git(directory, "add", "-A")
    git(directory, "commit", "-qm", "state")
    return git(directory, "rev-parse", "HEAD")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture
def repository(tree: Path) -> Path:
    """Branch `old` with LAMP_C, branch `new` with TURNED, checked out."""
    git(tree, "init", "-q", "-b", "old", ".")
    commit_all(tree)
    git(tree, "switch", "-qc", "new")
    (tree / PATH).write_text(TURNED)
    commit_all(tree)
    return tree


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def only(generation: Generation) -> TreeRecord:
    (record,) = generation.trees
    return record


def where(index: Path, name: str) -> set[tuple[str, str]]:
    with open_index(index) as opened:
        return {(one.tree, one.path) for one in opened.definitions(name)}


def test_what_a_tree_is_called(repository: Path, tmp_path: Path) -> None:
    odd = make_tree(tmp_path / "v=1@2")
    for text, name, root, within, ref in (
        (str(repository), "tree", repository, (), ""),
        (f"mine={repository}", "mine", repository, (), ""),
        (f"{repository}@old", "tree@old", repository, (), "old"),
        (f"mine={repository}/drivers@new~1", "mine", repository, ("drivers",), "new~1"),
        (f"{repository}@new@{{0}}", "tree@new@{0}", repository, (), "new@{0}"),
        (f"{repository}/.git@old", "tree@old", repository, (), "old"),
        (str(odd), "v=1@2", odd, (), ""),
        (f"odd={odd}/drivers", "odd", odd, ("drivers",), ""),
    ):
        found = tree_source(text)
        assert (found.name, found.root, found.within, found.ref) == (name, root, within, ref), text
        assert found.named is (name in {"mine", "odd"})


def test_what_is_no_tree(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no commit 'absent'"):
        tree_source(f"{repository}@absent")
    with pytest.raises(UsageError, match="in no git repository"):
        tree_source(f"{make_tree(tmp_path / 'plain')}@v1")
    for text in (f"{repository}x", f"a/b={repository}", f"{repository}@", f"={repository}", "-x"):
        with pytest.raises(UsageError, match="is not a directory"):
            tree_source(text)


def test_branches_of_one_repository_share_blobs(repository: Path, index: Path) -> None:
    generation = build(sources_of([f"o={repository}@old", f"n={repository}@new"], []), index, EMBEDDER)
    assert sum(record.blobs for record in generation.segments) == 7
    assert where(index, "lamp_switch") == {("o", PATH)}
    assert where(index, "lamp_turn") == {("n", PATH)}
    assert where(index, "LAMP_VOLTS") == {("o", "include/linux/lamp.h"), ("n", "include/linux/lamp.h")}
    assert [(one.ref, one.commit) for one in generation.trees] == [
        (ref, git(repository, "rev-parse", ref)) for ref in ("old", "new")
    ]


def test_a_commit_is_read_without_its_work_tree(repository: Path, index: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    shutil.rmtree(repository)
    generation = build(sources_of([f"{tmp_path}/bare.git@old"], []), index, EMBEDDER)
    assert (only(generation).name, only(generation).files) == ("bare@old", 6)
    assert where(index, "lamp_switch") == {("bare@old", PATH)}


def test_a_ref_that_moved_is_followed_and_one_that_stands_publishes_nothing(repository: Path, index: Path) -> None:
    first = build(sources_of([f"{repository}@new"], []), index, EMBEDDER)
    assert build(Sources(), index, EMBEDDER) == first
    (repository / PATH).write_text(TURNED.replace("lamp_turn", "lamp_dim"))
    commit = commit_all(repository)
    second = build(Sources(), index, EMBEDDER)
    assert only(second).commit == commit
    assert second.segments[-1].blobs == 1
    assert where(index, "lamp_dim") == {("tree@new", PATH)}
    assert where(index, "lamp_turn") == set()


def test_a_commit_and_its_checkout_have_the_same_files(repository: Path, index: Path) -> None:
    (repository / "drivers/lamp/link.c").symlink_to("lamp.c")
    (repository / "drivers/lamp/big.h").write_bytes(b"\n" * 4_200_000)
    (repository / "drivers/lamp/picture.png").write_bytes(b"x")
    (repository / ".cache").mkdir()
    (repository / ".cache/kept.c").write_text("int kept;\n")
    (repository / "drivers/lamp/lamp.mod.c").write_text("int built;\n")
    commit_all(repository)
    generation = build(sources_of([repository, f"{repository}@new"], []), index, EMBEDDER)
    here, committed = generation.trees
    assert here.listing == committed.listing
    assert (here.changed, here.untracked) == (0, 0)
    skipped = {(one.path, one.why) for one in generation.skipped if one.source == here.name}
    assert skipped == {("drivers/lamp/link.c", "symbolic link"), ("drivers/lamp/big.h", "larger than 4 MB")}
    assert skipped == {(one.path, one.why) for one in generation.skipped if one.source == committed.name}
    assert build(Sources(), index, EMBEDDER) == generation


def test_dirty_state(repository: Path, index: Path) -> None:
    clean = only(build(sources_of([repository], []), index, EMBEDDER))
    assert (clean.commit, clean.changed, clean.untracked) == (git(repository, "rev-parse", "HEAD"), 0, 0)
    (repository / PATH).write_text(LAMP_C)
    (repository / "include/linux/lamp.h").unlink()
    (repository / "drivers/lamp/new.c").write_text("int lamp_new;\n")
    dirty = only(build(Sources(), index, EMBEDDER))
    assert (dirty.commit, dirty.changed, dirty.untracked) == (clean.commit, 2, 1)
    assert only(build(Sources(), index, EMBEDDER)) == dirty
    commit = commit_all(repository)
    committed = only(build(Sources(), index, EMBEDDER))
    assert (committed.commit, committed.changed, committed.untracked) == (commit, 0, 0)
    assert committed.listing == dirty.listing


def test_sub_paths_of_a_commit(repository: Path, index: Path) -> None:
    (repository / "include/linux/lamp.h").write_text("")
    generation = build(sources_of([f"{repository}/drivers@new", repository / "drivers"], []), index, EMBEDDER)
    assert [(one.within, one.files, one.changed) for one in generation.trees] == [(("drivers",), 2, 0)] * 2


def test_a_name_belongs_to_the_tree_it_was_given_last(repository: Path, index: Path, tmp_path: Path) -> None:
    build(sources_of([repository], []), index, EMBEDDER)
    renamed = build(sources_of([f"mine={repository}"], []), index, EMBEDDER)
    assert [one.name for one in renamed.trees] == ["mine"]
    # A copy with the sizes and times of the other tree, but not its bytes.
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    (other / PATH).write_text(TURNED.replace("lamp_turn", "lamp_tilt"))
    shutil.copystat(repository / PATH, other / PATH)
    moved = build(sources_of([f"mine={other}"], []), index, EMBEDDER)
    assert [(one.name, one.root) for one in moved.trees] == [("mine", str(other))]
    assert where(index, "lamp_turn") == set()
    assert where(index, "lamp_tilt") == {("mine", PATH)}


def test_a_tree_is_taken_out(repository: Path, index: Path) -> None:
    build(sources_of([f"o={repository}@old", f"n={repository}@new"], []), index, EMBEDDER)
    generation = build(sources_of([], [], ["o"]), index, EMBEDDER)
    assert only(generation).name == "n"
    assert where(index, "lamp_switch") == set()
    with pytest.raises(UsageError, match="no tree or archive 'o'") as told:
        build(sources_of([], [], ["o"]), index, EMBEDDER)
    assert told.value.hint == "there are: n"
    with pytest.raises(UsageError, match="nothing would be left"):
        build(sources_of([], [], ["n"]), index, EMBEDDER)
    assert where(index, "lamp_turn") == {("n", PATH)}


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_tree_that_is_gone_keeps_what_was_read_of_it(tree: Path, index: Path, tmp_path: Path, left: str) -> None:
    other = make_tree(tmp_path / "other")
    first = build(sources_of([tree, other], []), index, EMBEDDER)
    shutil.move(tree, tmp_path / "away")
    if left == "an empty folder":
        tree.mkdir()
    second = build(Sources(), index, EMBEDDER)
    assert second.trees == first.trees
    assert {one.tree for one in _definitions(index)} == {"tree", "other"}
    (told,) = second.skipped
    assert (told.source, told.why) == ("tree", f"nothing to index in tree '{tree}'; what it had is kept")
    assert build(Sources(), index, EMBEDDER) == second
    with pytest.raises(UsageError, match="nothing to index in tree") as refused:
        build(Sources(), index, EMBEDDER, rebuild=True)
    assert "lrev index --remove tree" in refused.value.hint
    shutil.rmtree(tree, ignore_errors=True)
    shutil.move(tmp_path / "away", tree)
    assert build(Sources(), index, EMBEDDER).skipped == ()


def _definitions(index: Path) -> tuple[Definition, ...]:
    with open_index(index) as opened:
        return tuple(opened.definitions("lamp_light"))


def test_a_branch_that_is_gone_keeps_what_was_read_of_it(repository: Path, index: Path) -> None:
    first = build(sources_of([f"{repository}@old"], []), index, EMBEDDER)
    git(repository, "branch", "-qD", "old")
    second = build(Sources(), index, EMBEDDER)
    assert second.trees == first.trees
    assert ["no commit 'old'" in one.why for one in second.skipped] == [True]


def test_an_archive_is_taken_out_but_not_what_another_has(index: Path, tmp_path: Path) -> None:
    """One mail is in both archives with the same bytes, one with another footer, and one in the first alone."""
    first, second = (V2Epoch(tmp_path / name / "git" / "0.git") for name in ("first", "second"))
    for one in thread():
        first.add(one)
    second.add(thread()[0])
    second.add(thread()[1] + b"-- \nanother list\n")
    second.add(mail(9, "Re: lamps", "Only here.\n"))
    build(sources_of([], [tmp_path / "first", tmp_path / "second"]), index, EMBEDDER)
    with open_index(index) as held_open:
        generation = build(sources_of([], [], ["first"]), index, EMBEDDER)
        assert [Path(one.path).name for one in generation.mail] == ["second"]
        assert build(Sources(), index, EMBEDDER) == generation
        assert held_open.message("3@example.org") is not None
    with open_index(index) as opened:
        assert [opened.message(f"{at}@example.org") is not None for at in (1, 2, 3, 9)] == [True, True, False, True]
        message = opened.message("2@example.org")
        assert message is not None
        assert "another list" in message.body
    again = build(sources_of([], [tmp_path / "first"]), index, EMBEDDER)
    assert sum(record.messages for record in again.segments) == 4


def test_archives_of_one_name_are_told_apart_by_their_paths(index: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        V2Epoch(tmp_path / name / "list" / "git" / "0.git").add(mail(ord(name), name, "A lamp.\n"))
    build(sources_of([], [tmp_path / "a/list", tmp_path / "b/list"]), index, EMBEDDER)
    with pytest.raises(UsageError, match="several archives are named 'list'"):
        build(sources_of([], [], ["list"]), index, EMBEDDER)
    build(sources_of([], [], [f"{tmp_path}/a/list"]), index, EMBEDDER)
    with open_index(index) as opened:
        assert opened.message(f"{ord('a')}@example.org") is None
        assert opened.message(f"{ord('b')}@example.org") is not None


def test_the_blobs_are_those_of_git(repository: Path, index: Path) -> None:
    build(sources_of([f"{repository}@new"], []), index, EMBEDDER)
    with open_index(index) as opened:
        assert {file.path: file.blob for file in opened.listing.files("tree@new")}[PATH] == blob_id(TURNED.encode())
