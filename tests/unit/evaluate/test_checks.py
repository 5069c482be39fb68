from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrev.errors import InputError
from lrev.evaluate.cases import Case, CaseKind, history, load_cases, turned
from lrev.evaluate.checks import Score, score
from lrev.evaluate.summary import bars, mechanisms
from lrev.source.patch import parse_diff
from lrev.source.tree import DirectoryTree
from tests.unit.evidence.checking import Known
from tests.unit.samples import read_sample

FIXED = read_sample("cases/lamp.c").decode()
FIX = read_sample("cases/fix.patch").decode()
# It touches another function than the one that is wrong.
OTHER_FIX = read_sample("cases/other-fix.patch").decode()
CULPRIT = read_sample("cases/culprit.patch").decode()


def bench(directory: Path, **rows: tuple[str, str]) -> Path:
    """Name -> (patch, fix); a patch that is empty is the fix turned round."""
    told = []
    for name, (patch, fix) in rows.items():
        (directory / f"{name}.fix").write_text(fix)
        (directory / f"{name}.patch").write_text(patch)
        kind = "culprit" if patch else "reversed"
        told.append({"case": name, "kind": kind, "patch": f"{name}.patch" if patch else "", "fix": f"{name}.fix"})
    (directory / "cases.jsonl").write_text("\n".join(map(json.dumps, told)))
    return directory


def scored(directory: Path, tree: str, patch: str = "", fix: str = FIX) -> Score:
    (directory / "tree").mkdir()
    (directory / "tree" / "lamp.c").write_text(tree)
    (case,) = load_cases(bench(directory, one=(patch, fix)))
    return score(case, DirectoryTree(directory / "tree"), Known())


@pytest.mark.parametrize("patch", ["", CULPRIT])
def test_a_bug_that_the_fix_takes_back_is_a_hit(tmp_path: Path, patch: str) -> None:
    found = scored(tmp_path, FIXED, patch)
    assert (found.hits, found.stays, found.read) == (True, False, True)
    assert found.case.kind is (CaseKind.CULPRIT if patch else CaseKind.REVERSED)
    assert found.hits_as_new is not bool(patch)
    assert found.forward == ()


def test_what_the_fix_leaves_as_it_is_stays(tmp_path: Path) -> None:
    buggy = FIXED.replace("\tif (!lamp)\n\t\treturn -ENOMEM;\n", "")
    tree = buggy.rstrip("\n") + "\n\nint lamp_count(void)\n{\n\treturn 3;\n}\n"
    found = scored(tmp_path, tree, CULPRIT, OTHER_FIX)
    assert (found.hits, found.stays) == (False, True)


def test_a_case_that_does_not_fit_the_tree_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        scored(tmp_path, "int other;\n")


def test_cases_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_cases(tmp_path)
    (tmp_path / "cases.jsonl").write_text('{"case": "a"}')
    with pytest.raises(InputError, match="not as it should be"):
        load_cases(tmp_path)
    (tmp_path / "cases.jsonl").write_text('{"case": "a", "kind": "culprit", "patch": "../x", "fix": "../x"}')
    with pytest.raises(InputError, match="outside"):
        load_cases(tmp_path)


def test_a_diff_turned_twice_is_itself(tmp_path: Path) -> None:
    (diff,) = parse_diff(FIX)
    assert turned(turned(diff)) == diff
    bringing, mending = history(
        Case("one", CaseKind.REVERSED, (turned(diff),), (diff,)), DirectoryTree(_written(tmp_path))
    )
    assert bringing.before == mending.after
    assert bringing.after == mending.before


def _written(directory: Path) -> Path:
    (directory / "lamp.c").write_text(FIXED)
    return directory


def test_rates_and_bars(tmp_path: Path) -> None:
    found = scored(tmp_path, FIXED)
    (told,) = [one for one in mechanisms([found]) if one.kind == "reversed"]
    assert (told.mechanism, told.hits, told.stay) == ("unchecked allocation", 1, 0)
    assert {bar.name: bar.met for bar in bars([found])} == {
        "reversed, hit": True,
        "culprit, hit": False,
        "suspicions that stay, cases": True,
        "suspicions a fix": True,
    }
