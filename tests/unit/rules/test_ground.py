"""Claims of each kind against a small indexed tree: those that hold, and those that do not, with what says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.errors import ManifestError
from lrev.indexing.build import build
from lrev.indexing.reader import open_index
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder
from lrev.rules.claims import Claim, ClaimKind
from lrev.rules.ground import Ground
from lrev.rules.load import parse_rule
from lrev.source.tree import DirectoryTree
from tests.unit.rules.test_load import GOOD

LAMP = """#define LAMP_MOST 8
#define LAMP_FLAGS(x) \\
	((x) | \\
	1)

void *lamp_alloc(int size)
{
	if (size > LAMP_MOST)
		return NULL;
	return lamp_take(size);
}

void lamp_get(struct lamp *lamp)
{
	lamp_hold(lamp);
}
"""


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    tree, index = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("index")
    (tree / "lamp.c").write_text(LAMP)
    build(sources_of([tree], []), index, FakeEmbedder())
    with open_index(index) as opened:
        yield Ground(opened, DirectoryTree(tree))


@pytest.mark.parametrize(
    "claim",
    [
        Claim(ClaimKind.EXISTS, "lamp_alloc"),
        Claim(ClaimKind.EXISTS, "lamp_hold"),
        Claim(ClaimKind.GONE, "lamp_burn"),
        Claim(ClaimKind.FACT, "lamp_alloc", "returns NULL"),
        Claim(ClaimKind.NO_FACT, "lamp_alloc", "returns ERR_PTR"),
        Claim(ClaimKind.CALLS, "lamp_get", "lamp_hold"),
        Claim(ClaimKind.MATCHES, "lamp.c", r"^void lamp_get\("),
        Claim(ClaimKind.LACKS, "lamp.c", "kfree"),
        Claim(ClaimKind.EQUALS, "LAMP_MOST", "8"),
        Claim(ClaimKind.EQUALS, "LAMP_FLAGS", "((x) | 1)"),
    ],
    ids=str,
)
def test_what_is_so_holds(ground: Ground, claim: Claim) -> None:
    assert ground.check(claim).holds


@pytest.mark.parametrize(
    ("claim", "why", "where"),
    [
        (Claim(ClaimKind.EXISTS, "lamp_burn"), "nothing in the tree", ""),
        (Claim(ClaimKind.GONE, "lamp_alloc"), "it is defined", "lamp.c:6: void *lamp_alloc(int size)"),
        (Claim(ClaimKind.GONE, "lamp_hold"), "it is called", "lamp.c:15: lamp_hold(lamp);"),
        (Claim(ClaimKind.FACT, "lamp_alloc", "may sleep"), "known of it: returns NULL", "lamp.c:6: "),
        (Claim(ClaimKind.FACT, "lamp_burn", "may sleep"), "nothing defines", ""),
        (Claim(ClaimKind.NO_FACT, "lamp_alloc", "returns NULL"), "read", "lamp.c:9: return NULL;"),
        (Claim(ClaimKind.CALLS, "lamp_get", "lamp_take"), "it does not", "lamp.c:13: void lamp_get"),
        (Claim(ClaimKind.MATCHES, "lamp.c", "kfree"), "nothing in the file", ""),
        (Claim(ClaimKind.MATCHES, "torch.c", "kfree"), "no file", ""),
        (Claim(ClaimKind.LACKS, "lamp.c", "lamp_take"), "the file has it", "lamp.c:10: return lamp_take(size);"),
        (Claim(ClaimKind.EQUALS, "LAMP_MOST", "9"), "it is `8`", "lamp.c:1: #define LAMP_MOST 8"),
        (Claim(ClaimKind.EQUALS, "LAMP_LEAST", "9"), "no macro", ""),
    ],
    ids=str,
)
def test_what_is_not_says_what_is(ground: Ground, claim: Claim, why: str, where: str) -> None:
    found = ground.check(claim)
    assert not found.holds
    assert why in found.why
    assert found.where.startswith(where)


@pytest.mark.parametrize(
    "claims",
    [
        '[{exists = "a", gone = "b"}]',
        '[{fact = "a"}]',
        '[{fact = "a", says = "flies"}]',
        '[{file = "a", matches = "("}]',
        '["a"]',
        "[]",
    ],
)
def test_a_claim_in_no_known_form_is_named(claims: str) -> None:
    text = GOOD.replace('claims = [{exists = "lamp_on"}]', f"claims = {claims}")
    with pytest.raises(ManifestError, match=r"rule 'lamp.md' cannot be read: claims"):
        parse_rule(text, Path("rules/lights/lamp.md"))


@pytest.mark.parametrize(
    ("one", "other", "contradicts"),
    [
        (Claim(ClaimKind.GONE, "a"), Claim(ClaimKind.EXISTS, "a"), True),
        (Claim(ClaimKind.GONE, "a"), Claim(ClaimKind.EXISTS, "b"), False),
        (Claim(ClaimKind.EQUALS, "a", "1"), Claim(ClaimKind.EQUALS, "a", "2"), True),
        (Claim(ClaimKind.EQUALS, "a", "1"), Claim(ClaimKind.EQUALS, "a", "1"), False),
        (Claim(ClaimKind.FACT, "a", "RCU"), Claim(ClaimKind.NO_FACT, "a", "RCU"), True),
        (Claim(ClaimKind.FACT, "a", "RCU"), Claim(ClaimKind.NO_FACT, "a", "may sleep"), False),
        (Claim(ClaimKind.MATCHES, "a", "x"), Claim(ClaimKind.LACKS, "a", "x"), True),
    ],
)
def test_two_claims_that_cannot_both_hold(one: Claim, other: Claim, contradicts: bool) -> None:
    assert one.contradicts(other) is contradicts
    assert other.contradicts(one) is contradicts
