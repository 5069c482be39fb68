"""What a message is held against, with a repository at hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lrev.evidence import message
from lrev.review.remarks import Laid, Outside, _ground
from lrev.source.branch import Branch
from lrev.source.git import Repository
from lrev.source.tree import DirectoryTree
from lrev.source.upstream import Upstream
from lrev.types import Address, Base, BaseHow, Patch
from tests.unit.source.repositories import commit, git, new_repository


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    commit(new_repository(tmp_path / "tree"), "lamp: new", {"a": "1"})
    repository = Repository.open(tmp_path / "tree")
    return Outside(Branch(repository, (repository.rev_parse("HEAD"),)))


def laid(top: Path, tag: str, how: BaseHow = BaseHow.BLOBS, base: str = "", beside: tuple[Patch, ...] = ()) -> Laid:
    patch = Patch("lamp: fix", Address("Ada Example", "ada@example.org"), f"Dark.\n\nFixes: {tag}", (), part=2)
    return Laid(patch, Base(how, str(top), base, 1, 1, True), DirectoryTree(top), beside)


def lacks(one: Laid, outside: Outside) -> bool:
    ground = _ground(one, lambda _: True, outside)
    return any("not in the history" in found.message for found in message.check(one.patch, ground))


def test_a_fixed_commit_is_looked_for_in_the_history(outside: Outside, tmp_path: Path) -> None:
    here = git(tmp_path / "tree", "rev-parse", "HEAD")[:12]
    gone = f'{"0" * 12} ("lamp: gone")'
    assert not lacks(laid(tmp_path, f'{here} ("lamp: new")'), outside)
    assert lacks(laid(tmp_path, gone), outside)
    assert not lacks(laid(tmp_path, gone, BaseHow.NAMES), outside)
    assert not lacks(laid(tmp_path, gone), Outside())


def test_what_came_after_the_base_is_not_what_the_patch_is_for(outside: Outside, tmp_path: Path) -> None:
    assert outside.branch is not None
    base = outside.branch.tips[0]
    later = commit(tmp_path / "tree", "lamp: later", {"a": "2"})
    now = replace(outside, branch=replace(outside.branch, tips=(later,)))
    tag = f'{later[:12]} ("lamp: later")'
    assert not lacks(laid(tmp_path, tag), now)
    assert lacks(laid(tmp_path, tag, BaseHow.BASE_COMMIT, base), now)


def test_a_series_may_bring_what_it_fixes(outside: Outside, tmp_path: Path) -> None:
    upstream = new_repository(tmp_path / "upstream")
    faulty = commit(upstream, "lamp: faulty", {"a": "1"})
    repository = Repository.open(upstream)
    known = replace(outside, upstream=Upstream(repository, repository.rev_parse("HEAD")))
    tag = f'{faulty[:12]} ("lamp: faulty")'
    first = Patch("lamp: it", Address("Ada Example", "ada@example.org"), f"[ Upstream commit {faulty} ]", ())
    assert lacks(laid(tmp_path, tag), known)
    assert not lacks(laid(tmp_path, tag, beside=(first,)), known)
