from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lrev.errors import GitError
from lrev.source.git import Repository, blob_id
from tests.unit.source.repositories import git


def test_a_repository_is_recognised_only_at_its_top(repository: Path, tmp_path: Path) -> None:
    assert Repository.at(repository) is not None
    assert Repository.at(repository / "mm") is None
    assert Repository.at(tmp_path) is None
    with pytest.raises(GitError, match="not a git repository"):
        Repository.open(tmp_path)
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare.git")
    assert Repository.open(tmp_path / "bare.git").rev_parse("HEAD") == git(repository, "rev-parse", "HEAD")


def test_objects_are_read_by_commit_path_and_blob(repository: Path) -> None:
    opened = Repository.open(repository)
    first, second = opened.rev_parse("HEAD~1"), opened.rev_parse("HEAD")
    assert opened.ls_tree(first) == {"a.c": blob_id(b"int a;\n"), "mm/b ü.c": blob_id(b"int b;\n" * 9)}
    assert list(opened.ls_tree(second, ("mm",))) == ["mm/c.c"]
    assert opened.cat_file(blob_id(b"int a;\n")) == b"int a;\n"
    assert opened.cat_file(blob_id(b"int a;\n")[:10]) == b"int a;\n"
    assert opened.cat_file(first) is None  # a commit is no blob
    assert opened.cat_file("--help") is None
    assert opened.commits("HEAD~1..HEAD") == (second,)
    assert opened.is_ancestor(first, second) and not opened.is_ancestor(second, first)
    assert opened.exists(first) and not opened.exists("0" * 40)


def test_a_commit_says_who_when_and_what(repository: Path) -> None:
    opened = Repository.open(repository)
    text = opened.commit(opened.rev_parse("HEAD~1"))
    assert (text.subject, text.body, text.date, text.parents) == ("one", "The body.", 1709550000, ())
    assert (text.author.name, text.author.address) == ("Ann Author", "ann@example.org")


def test_a_diff_has_full_blob_ids_and_renames(repository: Path) -> None:
    opened = Repository.open(repository)
    diff = opened.diff(opened.rev_parse("HEAD"))
    assert f"index {blob_id(b'int a;')[:0]}{blob_id(b'int a;' + bytes([10]))}.." in diff
    assert "rename to mm/c.c" in diff
    assert "+int a;" in opened.diff(opened.rev_parse("HEAD~1"))  # a root commit


def test_many_blobs_come_through_one_process_in_order(repository: Path) -> None:
    opened = Repository.open(repository)
    wanted = [blob_id(b"int a;\n"), "0" * 40, blob_id(b"long a;\n")]
    assert list(opened.cat_batch(wanted)) == [(wanted[0], b"int a;\n"), (wanted[1], None), (wanted[2], b"long a;\n")]


def test_history_goes_from_old_to_new_and_on_from_a_position(repository: Path) -> None:
    opened = Repository.open(repository)
    changes = [(one.status, one.path) for one in opened.history("HEAD")]
    assert changes == [("A", "a.c"), ("A", "mm/b ü.c"), ("M", "a.c"), ("D", "mm/b ü.c"), ("A", "mm/c.c")]
    assert next(one.path for one in opened.history("HEAD", after=opened.rev_parse("HEAD~1"))) == "a.c"


def test_an_abbreviated_id_names_commits_alone(repository: Path) -> None:
    opened = Repository.open(repository)
    head = opened.rev_parse("HEAD")
    assert opened.commits_with_prefix(head) == opened.commits_with_prefix(head[:9]) == (head,)
    assert opened.commits_with_prefix(blob_id(b"int a;\n")) == ()  # a blob
    for text in ("0" * 12, "0" * 40, "abc", "", "--all", "HEAD", head.upper(), f"{head}^"):
        assert opened.commits_with_prefix(text) == ()


def test_messages_are_searched_word_for_word(repository: Path) -> None:
    opened = Repository.open(repository)
    first, second = opened.rev_parse("HEAD~1"), opened.rev_parse("HEAD")
    assert list(opened.mentioning(("The body", "two"), (second,))) == [second, first]
    assert list(opened.mentioning(("The body", "two"), (second, f"^{first}"))) == [second]
    assert list(opened.mentioning(("The body",), (second,), since_seconds=1709550001)) == []
    for text in ("T.e body", "", "two\0", "two\nThe body", "--all", "-e", "\udcff", "x" * 200_000):
        assert list(opened.mentioning((text,), (second,))) == []
    with pytest.raises(GitError, match="rev-list failed"):
        list(opened.mentioning(("two",), ("--all",)))


def test_a_search_that_is_left_early_leaves_no_process(repository: Path) -> None:
    opened = Repository.open(repository)
    found = opened.mentioning(("two", "one"), (opened.rev_parse("HEAD"),))
    assert next(found) == opened.rev_parse("HEAD")
    del found  # an unfinished process would be a ResourceWarning


@pytest.mark.parametrize("name", ["nothing", "--upload-pack=x", "HEAD:a.c", ""])
def test_what_is_no_commit_is_an_error_that_names_it(repository: Path, name: str) -> None:
    with pytest.raises(GitError, match="no commit"):
        Repository.open(repository).rev_parse(name)


def hostile(top: Path, canary: Path) -> None:
    """Every way known to us in which a repository names a program, each writing the canary."""
    program = top / "evil.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {canary}\ncat\n')
    program.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.askPass",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "gpg.program",
        "credential.helper",
        "uploadpack.packObjectsHook",
        "pager.diff-tree",
        "pager.cat-file",
        "pager.rev-list",
        "alias.rev-parse",
    ):
        git(top, "config", name, str(program))
    git(top, "config", "core.hooksPath", str(top / "hooks"))
    git(top, "config", "remote.origin.url", f"ext::{program}")
    git(top, "config", "remote.origin.promisor", "true")
    git(top, "config", "extensions.partialClone", "origin")
    git(top, "config", "log.showSignature", "true")
    (top / ".gitattributes").write_text("* diff=evil filter=evil merge=evil\n")
    (top / ".git" / "info" / "attributes").write_text("* diff=evil filter=evil merge=evil\n")
    (top / "hooks").mkdir()
    for hook in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        (top / "hooks" / hook).write_text(program.read_text())
        (top / "hooks" / hook).chmod(0o755)


def test_no_program_that_a_repository_names_is_ever_started(repository: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    hostile(repository, canary)
    opened = Repository.open(repository)
    head = opened.rev_parse("HEAD")
    opened.ls_tree(head)
    opened.diff(head)
    opened.commit(head)
    opened.commits("HEAD~1..HEAD")
    opened.is_ancestor("HEAD~1", head)
    opened.exists("0" * 40)
    opened.cat_file("1" * 40)  # missing: a promisor remote must not be asked for it
    list(opened.cat_batch(["1" * 40, blob_id(b"long a;\n")]))
    list(opened.history("HEAD"))
    assert opened.commits_with_prefix(head[:12]) == (head,)
    assert list(opened.mentioning(("two",), (head,))) == [head]
    assert len(opened.first_parents(head)) == 2
    assert [change.path for change in opened.changing_count("long", "a.c", (head,))] == ["a.c"]
    assert not opened.is_shallow()
    assert not canary.exists(), canary.read_text()


def test_the_same_repository_does_start_them_for_plain_git(repository: Path, tmp_path: Path) -> None:
    """The canary can be written: otherwise the test above would hold for any reason."""
    canary = tmp_path / "canary"
    hostile(repository, canary)
    subprocess.run(["git", "diff", "HEAD~1", "HEAD"], cwd=repository, capture_output=True, check=False)
    subprocess.run(["git", "status"], cwd=repository, capture_output=True, check=False)
    assert canary.exists()
