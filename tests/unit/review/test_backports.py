"""An upstream repository, a branch without some of its commits, and patches for that branch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from lrev.review.backports import LATER_FIX, NOT_UPSTREAM, PREREQUISITE, Backport
from lrev.source.branch import Branch
from lrev.source.git import Repository
from lrev.source.patch import parse_diff
from lrev.source.tree import DirectoryTree, OverlayTree
from lrev.source.upstream import Upstream
from lrev.types import Address, Certainty, Patch
from tests.unit.source.repositories import commit, git, new_repository

PATH = "drivers/lamp/core.c"
HEADER = "drivers/lamp/lamp.h"
OLD = '#include "lamp.h"\nint lamp_on(void)\n{\n\treturn 0;\n}\n'
NEW = OLD.replace("return 0", "return lamp_dim(1)")
FIXED = NEW.replace("lamp_dim(1)", "lamp_dim(2)")
DIM = "int lamp_dim(int level);\n"


@dataclass(frozen=True, slots=True)
class History:
    """`dim` brought lamp_dim(), `use` calls it, `fix` says that it fixes `use`."""

    upstream: Path
    stable: Path
    dim: str
    use: str
    fix: str


@pytest.fixture
def history(tmp_path: Path) -> History:
    upstream = new_repository(tmp_path / "upstream")
    commit(upstream, "lamp: new", {PATH: OLD, HEADER: "int lamp_on(void);\n"})
    git(tmp_path, "clone", "-q", str(upstream), "stable")
    dim = commit(upstream, "lamp: dim", {HEADER: f"int lamp_on(void);\n{DIM}"})
    use = commit(upstream, "lamp: use it", {PATH: NEW})
    fix = commit(upstream, f'lamp: fix level\n\nFixes: {use[:12]} ("lamp: use it")', {PATH: FIXED})
    return History(upstream, tmp_path / "stable", dim, use, fix)


def opened(top: Path) -> Upstream:
    repository = Repository.open(top)
    return Upstream(repository, repository.rev_parse("HEAD"))


def backport(history: History, marker: str, after: str = NEW, diff: str = "") -> Patch:
    text = diff or opened(history.upstream).repository.diff(history.use)
    description = f"Dark.\n\n{marker}\n"
    return Patch("lamp: use it", Address("Ada Example", "ada@example.org"), description, parse_diff(text))


def said(
    history: History,
    patch: Patch,
    *beside: Patch,
    after: str = NEW,
    known: tuple[str, ...] = ("lamp_dim",),
    git: bool = True,
) -> list[tuple[str, str, int, str]]:
    tree = OverlayTree(DirectoryTree(history.stable), {PATH: after.encode()})
    repository = Repository.open(history.stable)
    branch = Branch(repository, (repository.rev_parse("HEAD"),)) if git else None
    one = Backport(patch, tree, beside, known.__contains__, opened(history.upstream), branch)
    verdicts = [verdict.finding for verdict in one.verdicts()]
    return [(found.mechanism, found.certainty.value, found.line, found.comment) for found in verdicts]


def test_a_fix_that_the_branch_lacks_is_named(history: History) -> None:
    ((mechanism, certainty, line, text),) = said(history, backport(history, f"commit {history.use[:12]} upstream."))
    assert (mechanism, certainty, line) == (LATER_FIX, "proven", 3)
    assert text == f'commit {history.fix[:12]} ("lamp: fix level") fixes this upstream; this branch does not have it.'


def test_without_the_branch_s_history_it_is_not_known(history: History) -> None:
    patch = backport(history, f"commit {history.use} upstream.")
    ((mechanism, certainty, _, text),) = said(history, patch, git=False)
    assert (mechanism, certainty) == (LATER_FIX, "suspected")
    assert text.endswith("whether this branch has it is not known.")
    assert said(history, patch, after=FIXED, git=False) == []


def test_a_fix_that_is_there_in_any_way_is_not_named(history: History) -> None:
    patch = backport(history, f"[ Upstream commit {history.use} ]")
    assert said(history, patch, after=FIXED) == []  # folded in
    companion = Patch("lamp: level", patch.author, f"commit {history.fix[:12]} upstream.", ())
    assert said(history, patch, companion) == []  # in the same series
    commit(history.stable, f"lamp: level\n\n(cherry picked from commit {history.fix})", {"a": "1"})
    assert said(history, patch) == []


def test_a_revert_is_named_unless_it_was_taken_back(history: History) -> None:
    patch = backport(history, f"commit {history.use} upstream.")
    message = 'Revert "lamp: use it"\n\nThis reverts commit {}.'
    back = commit(history.upstream, message.format(history.use), {PATH: OLD})
    assert f'commit {back[:12]} ("Revert "lamp: use it"") reverts this upstream' in said(history, patch)[1][3]
    commit(history.upstream, f"Reapply\n\nThis reverts commit {back}.", {PATH: FIXED})
    assert [mechanism for mechanism, *_ in said(history, patch)] == [LATER_FIX]


def test_a_prerequisite_is_named_with_the_commit_that_brought_it(history: History) -> None:
    found = said(history, backport(history, f"commit {history.use} upstream."), after=FIXED, known=())
    ((mechanism, certainty, line, text),) = found
    assert (mechanism, certainty, line) == (PREREQUISITE, "proven", 4)
    since = f'commit {history.dim[:12]} ("lamp: dim")'
    assert text == f"`lamp_dim` is nowhere in this tree; upstream has it in {HEADER}, since {since}."


def test_a_prerequisite_that_the_series_brings_is_there(history: History) -> None:
    patch = backport(history, f"commit {history.use} upstream.")
    first = Patch("lamp: dim", patch.author, "", parse_diff(opened(history.upstream).repository.diff(history.dim)))
    second = Patch(patch.subject, patch.author, patch.description, patch.files, part=2, total=2)
    assert said(history, second, first, after=FIXED, known=()) == []


def test_what_differs_is_noted(history: History) -> None:
    diff = opened(history.upstream).repository.diff(history.use).replace("lamp_dim(1)", "lamp_dim(7)")
    patch = backport(history, f"commit {history.use} upstream.", diff=diff)
    found = said(history, patch, after=FIXED)
    assert found == [("differs from its upstream commit", Certainty.NOTED.value, 4, found[0][3])]
    assert '"+ return lamp_dim(1);"' in found[0][3]


@pytest.mark.parametrize("digits", [12, 40])
def test_a_commit_that_is_not_upstream_is_told_apart(history: History, digits: int) -> None:
    ((mechanism, certainty, line, text),) = said(history, backport(history, f"commit {'0' * digits} upstream."))
    assert (mechanism, certainty, line) == (NOT_UPSTREAM, "proven", 3)
    assert text == "commit 000000000000 is not in the upstream repository."


def test_an_ambiguous_id_is_told_apart(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upstream, "commits", lambda _, digits: ("1" * 40, "2" * 40))
    ((mechanism, _, _, text),) = said(history, backport(history, f"commit {history.use[:12]} upstream."))
    assert (mechanism, text) == (NOT_UPSTREAM, f"{history.use[:12]} is ambiguous: 2 upstream commits begin so.")


def test_one_marker_that_is_known_is_enough(history: History) -> None:
    text = f"commit {history.use} upstream.\n(cherry picked from commit {'0' * 40})"
    assert said(history, backport(history, text), after=FIXED) == []


def test_a_commit_beside_the_history_is_told_apart(history: History) -> None:
    git(history.upstream, "checkout", "-qb", "topic")
    aside = commit(history.upstream, "lamp: aside", {PATH: OLD + "int lamp;\n"})
    git(history.upstream, "checkout", "-q", "main")
    diff = opened(history.upstream).repository.diff(aside)
    ((mechanism, _, _, text),) = said(history, backport(history, f"commit {aside} upstream.", diff=diff))
    assert (mechanism, "not in its history so far" in text) == (NOT_UPSTREAM, True)


@pytest.mark.parametrize(
    "marker", ["Dark.", "commit --all upstream.", "commit HEAD upstream.", "commit 0;ls upstream."]
)
def test_what_names_no_commit_is_no_backport(history: History, marker: str) -> None:
    assert said(history, backport(history, marker)) == []
