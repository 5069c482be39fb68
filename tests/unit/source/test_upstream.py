"""An upstream repository and a branch that took some of its commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.source.branch import Branch, Presence
from lrev.source.git import Repository
from lrev.source.upstream import Upstream
from tests.unit.source.repositories import commit, git, new_repository

CORE = '#include <linux/lamp.h>\n#include "room.h"\nint lamp_on(void)\n{\n\treturn 0;\n}\n'


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    top = new_repository(tmp_path / "upstream")
    commit(top, "lamp: new", {"drivers/lamp/core.c": CORE, "include/linux/lamp.h": "int lamp_on(void);\n"})
    return top


def opened(top: Path) -> Upstream:
    repository = Repository.open(top)
    return Upstream(repository, repository.rev_parse("HEAD"))


def test_what_came_later_is_known_by_its_tags(upstream: Path) -> None:
    faulty = commit(upstream, "lamp: faulty", {"a": "1"})
    commit(upstream, f"lamp: other\n\nSee {faulty[:12]} for more.", {"a": "2"})
    fix = commit(upstream, f'lamp: fix\n\nFixes: {faulty[:12]} ("lamp: faulty")', {"a": "3"})
    back = commit(upstream, f'Revert "lamp: faulty"\n\nThis reverts commit {faulty}.', {"a": "4"})
    found = opened(upstream).later(faulty)
    assert [(one.text.commit, one.reverts) for one in found] == [(fix, False), (back, True)]
    assert opened(upstream).later(fix) == ()


def test_names_are_found_where_the_commit_could_see_them(upstream: Path) -> None:
    header = "int lamp_on(void);\nint lamp_dim(void); /* lamp_hum() */\n"
    commit(upstream, "lamp: dim", {"include/linux/lamp.h": header})
    helper = "int lamp_help(void)\n{\n\treturn lamp_dim();\n}\n"
    commit(upstream, "lamp: helper", {"drivers/lamp/helper.c": helper, "fs/x.c": "int far;\n"})
    commit(upstream, "lamp: user", {"drivers/lamp/core.c": CORE.replace("0", "lamp_dim() + lamp_help()")})
    user = commit(upstream, "lamp: use", {"drivers/lamp/core.c": CORE + "int lamp_own;\n"})
    found = opened(upstream).where_before(
        user, ["lamp_dim", "lamp_help", "lamp_hum", "lamp_own", "far"], ["drivers/lamp/core.c"]
    )
    assert found == {"lamp_dim": "include/linux/lamp.h", "lamp_help": "drivers/lamp/helper.c"}
    first = opened(upstream).repository.first_parents(user)[-1]
    assert opened(upstream).where_before(first, ["lamp_on"], ["drivers/lamp/core.c"]) == {}


def test_the_commit_that_introduced_a_name(upstream: Path) -> None:
    path = "include/linux/lamp.h"
    commit(upstream, "lamp: longer name", {path: "int lamp_on(void);\nint lamp_dim_all(void);\n"})
    git(upstream, "checkout", "-qb", "topic")
    dim = commit(upstream, "lamp: dim", {path: "int lamp_on(void);\nint lamp_dim_all(void);\nint lamp_dim(void);\n"})
    git(upstream, "checkout", "-q", "main")
    for number in range(5):
        commit(upstream, f"other {number}", {"a": str(number)})
    git(upstream, "merge", "-q", "--no-ff", "-m", "merge topic", "topic")
    user = commit(upstream, "lamp: use", {"drivers/lamp/core.c": CORE})
    brought = opened(upstream).introduced({"lamp_dim": path, "lamp_gone": path}, user)
    assert {name: text.commit for name, text in brought.items()} == {"lamp_dim": dim}


def test_a_name_that_came_with_a_move_has_no_known_origin(upstream: Path) -> None:
    git(upstream, "mv", "include/linux/lamp.h", "include/linux/lantern.h")
    commit(upstream, "lamp: move the header", {})
    user = commit(upstream, "lamp: use", {"a": "1"})
    assert opened(upstream).introduced({"lamp_on": "include/linux/lantern.h"}, user) == {}


def branch(top: Path) -> Branch:
    repository = Repository.open(top)
    return Branch(repository, (repository.rev_parse("HEAD"),))


def test_a_branch_has_a_commit_itself_or_as_a_backport(upstream: Path, tmp_path: Path) -> None:
    old = git(upstream, "rev-parse", "HEAD")
    git(tmp_path, "clone", "-q", str(upstream), "stable")
    stable = tmp_path / "stable"
    new = commit(upstream, "lamp: fix", {"a": "1"})
    named = commit(upstream, "lamp: by subject", {"a": "2"})
    commit(stable, f"lamp: whatever\n\nThe cause is {new[:12]}.\nFixes: {new[:12]}", {"b": "1"})
    assert branch(stable).presence(old[:12]) is Presence.HAS
    assert branch(stable).presence(new) is branch(stable).presence(new[:10], "lamp: fix") is Presence.LACKS
    commit(stable, f"lamp: fix it\n\ncommit {new} upstream.", {"a": "1"})
    commit(stable, "lamp: by subject", {"a": "2"})
    assert branch(stable).presence(new) is branch(stable).presence(new[:10]) is Presence.BACKPORTED
    assert branch(stable).presence(named, "lamp: by subject") is Presence.BACKPORTED
    # A clock that was wrong hides nothing.
    assert branch(stable).presence(named, "lamp: by subject", since_seconds=2_000_000_000) is Presence.BACKPORTED
    assert branch(stable).presence("0" * 12, "--all\0") is Presence.LACKS


def test_a_shallow_clone_cannot_tell(upstream: Path, tmp_path: Path) -> None:
    commit(upstream, "lamp: fix", {"a": "1"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{upstream}", "shallow")
    assert branch(tmp_path / "shallow").presence("0" * 12) is Presence.UNKNOWN


def test_a_fix_is_not_looked_for_by_what_only_names_the_subject(upstream: Path) -> None:
    commit(upstream, 'lamp: other\n\nFixes: 0123456789ab ("lamp: gone")', {"a": "1"})
    assert branch(upstream).presence("0" * 12, "lamp: gone") is Presence.LACKS


def test_history_beside_the_tip_is_told_apart(upstream: Path) -> None:
    git(upstream, "checkout", "-qb", "topic")
    aside = commit(upstream, "lamp: aside", {"a": "1"})
    git(upstream, "checkout", "-q", "main")
    assert opened(upstream).commits(aside[:12]) == (aside,)
    assert not opened(upstream).has(aside)
    assert [diff.path for diff in opened(upstream).change(aside)] == ["a"]
