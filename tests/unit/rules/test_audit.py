from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lrev.rules.audit import audit, mark_verified, stale
from lrev.rules.claims import Claim, ClaimKind
from lrev.rules.ground import Checked
from lrev.rules.load import parse_rule
from lrev.rules.rule import Rule
from tests.unit.changes import rule
from tests.unit.rules.test_load import GOOD

EXISTS, GONE = Claim(ClaimKind.EXISTS, "kzalloc"), Claim(ClaimKind.GONE, "kzalloc")


def holding(claim: Claim) -> Checked:
    return Checked(claim, claim.kind is ClaimKind.EXISTS, "it is defined", "mm/slab.h:3: void *kzalloc(")


def known(_name: str) -> bool:
    return True


def claiming(*claims: Claim, name: str = "example") -> Rule:
    return replace(rule(), claims=claims, id=name)


def test_a_rule_whose_claims_fail_is_stale_and_says_which() -> None:
    (result,) = audit([claiming(EXISTS, GONE)], holding, known)
    assert not result.holds
    assert [(str(one.claim), one.where) for one in result.failed] == [
        ("`kzalloc` is gone", "mm/slab.h:3: void *kzalloc(")
    ]
    assert audit([claiming(EXISTS)], holding, known)[0].holds


def test_two_rules_that_claim_the_opposite_name_one_another() -> None:
    results = audit([claiming(EXISTS, name="one"), claiming(GONE, name="other")], lambda one: Checked(one, True), known)
    assert [result.contradicts for result in results] == [("other",), ("one",)]
    assert not any(result.holds for result in results)


def test_calls_that_are_gone_dangle_and_a_rule_without_any_is_idle() -> None:
    two = rule(calls=("kzalloc", "kmalloc"))
    (result,) = audit([two], holding, lambda name: name == "kmalloc")
    assert (result.dangling, result.idle, result.holds) == (("kzalloc",), False, True)
    (result,) = audit([two], holding, lambda _name: False)
    assert (result.idle, result.holds) == (True, False)
    (result,) = audit([rule(calls=("kzalloc", "k*"))], holding, lambda _name: False)
    assert not result.idle  # what the glob meets is not looked up


def test_stale_gives_the_first_claim_that_fails() -> None:
    ((one, failed),) = stale([claiming(EXISTS), claiming(EXISTS, GONE, name="stale")], holding)
    assert (one.id, failed.claim) == ("stale", GONE)


def test_a_verified_tree_is_noted_once(tmp_path: Path) -> None:
    path = tmp_path / "lamp.md"
    path.write_text(GOOD)
    assert mark_verified(path, "6.1.192")
    assert not mark_verified(path, "6.1.192")
    assert mark_verified(path, "6.12.3")
    assert parse_rule(path.read_text(), path).verified_on == ("6.1.192", "6.12.3")
    assert path.read_text().replace('verified_on = ["6.1.192", "6.12.3"]\n', "") == GOOD
