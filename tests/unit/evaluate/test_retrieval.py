from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.evaluate.baselines import Baseline
from lrev.evaluate.intervals import difference, interval
from lrev.evaluate.naming import Name, NameKind
from lrev.evaluate.plots import recall_plot
from lrev.evaluate.precedent import Precedent, precedent
from lrev.evaluate.recall import against_best, bars, best_baseline, recalls, worths
from lrev.evaluate.retrieval import BUDGETS_TOKENS, MAIN_BUDGET_TOKENS, OURS, Material, Measured, Packed
from lrev.evaluate.reviewed_patches import ReviewedPatch
from lrev.indexing.reader import Index
from lrev.retrieve.candidate import Origin
from lrev.source.mail import parse
from lrev.source.patch import parse_patch
from lrev.source.tree import DirectoryTree
from lrev.types import BaseHow, Passage
from tests.unit.evaluate.reviewing import BODY, EMBEDDER, REVIEW, SUBJECT, archive, by, indexed, review, selection
from tests.unit.indexing.trees import mail

VOLTS, FLAG = Name(NameKind.SYMBOL, "LAMP_VOLTS"), Name(NameKind.SYMBOL, "LAMP_FLAG")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, DirectoryTree]]:
    with indexed(tmp_path_factory.mktemp("lamps"), mail(1, SUBJECT, BODY), review(2, 1)) as opened:
        yield opened


def words(text: str) -> int:
    return len(text.split())


def measured(found: dict[str, set[Name]]) -> Measured:
    """At each budget the same; what is not given is not found."""
    methods = (OURS, *Baseline, *Origin)
    packs = tuple(
        Packed(method, tokens, frozenset(found.get(method, ()))) for method in methods for tokens in BUDGETS_TOKENS
    )
    brought = {Origin.SIMILAR: frozenset({VOLTS})}
    said = Precedent(0, 0, (), ())
    return Measured("1@example.org", "lamp", BaseHow.NAMES, (VOLTS, FLAG), packs, brought, (), said)


def test_what_a_reviewer_named_is_found_in_the_pack_and_not_by_reading_the_answer(
    known: tuple[Index, DirectoryTree],
) -> None:
    index, tree = known
    mailbox = archive(mail(1, SUBJECT, BODY), review(2, 1))
    (one,) = selection(index, tree, mailbox).taken()
    found = Material(index, EMBEDDER, tree, mailbox, words).measured(one)
    assert found.share(OURS, MAIN_BUDGET_TOKENS) == 1.0
    assert not [passage for passage in found.passages if passage.source in one.own_thread]
    assert {(pack.method, pack.budget_tokens) for pack in found.packs if pack.method != OURS} >= {
        (baseline, tokens) for baseline in Baseline for tokens in BUDGETS_TOKENS
    }
    assert {pack.method for pack in found.packs} >= set(Origin)
    assert set().union(*found.by_origin.values()) == set(one.names)


def test_the_best_baseline_is_what_lrev_is_held_against() -> None:
    patches = [
        measured({OURS: {VOLTS, FLAG}, Baseline.WORDS: {VOLTS}}),
        measured({OURS: {VOLTS}, Baseline.FILE: {VOLTS}, Baseline.WORDS: {FLAG}}),
    ]
    best = best_baseline(patches)
    assert (best.method, best.mean.mean) == (Baseline.WORDS, 0.5)
    ratio, others, least = bars(patches)
    assert others.met and others.found == 0
    assert ratio.found == 1.5 and ratio.met
    assert against_best(patches).mean == 0.25
    assert least.found == 0.0 and not least.met


def test_a_bar_is_missed_where_lrev_finds_no_more_than_others() -> None:
    patches = [measured({OURS: {VOLTS}, Baseline.VECTORS: {VOLTS}})] * 3
    ratio, _, least = bars(patches)
    assert not ratio.met and not least.met


def test_what_an_origin_is_worth_is_what_is_lost_without_it() -> None:
    kept: dict[str, set[Name]] = {origin: {VOLTS} for origin in Origin}
    patches = [measured({OURS: {VOLTS}, **kept, Origin.SIMILAR: set()})] * 2
    worth = {one.origin: one for one in worths(patches)}
    assert worth[Origin.SIMILAR].lost.mean == 0.5
    assert (worth[Origin.SIMILAR].brought, worth[Origin.SIMILAR].brought_alone) == (2, 2)
    assert worth[Origin.NEARBY].lost.mean == 0.0


def test_intervals_hold_the_mean_and_are_the_same_each_time() -> None:
    values = [0.0, 1.0] * 50
    found = interval(values)
    assert found == interval(values)
    assert found.mean == 0.5 and 0.38 < found.low < 0.5 < found.high < 0.62
    assert difference(values, values).low == difference(values, values).high == 0.0


def test_the_plot_names_each_method_and_is_the_same_each_time() -> None:
    rows = list(recalls([measured({OURS: {VOLTS}})] * 2))
    plot = recall_plot(rows)
    assert all(f">{method}<" in plot for method in (OURS, *Baseline))
    assert plot == recall_plot(rows)


def test_open_comments_on_the_version_before_are_looked_for_in_the_pack(tmp_path: Path) -> None:
    second = "[PATCH v2] lamp: light it"
    mails = (
        mail(1, SUBJECT, BODY),
        review(2, 1),
        review(3, 1, REVIEW.replace("This needs", "Then again it needs"), "Rita"),
        mail(4, f"Re: {SUBJECT}", "I will look at that, thank you.\n", "3@example.org"),
        mail(5, second, BODY.replace("lit = true", "lit = !dusk")),
        review(6, 5, name="Olga"),
    )
    with indexed(tmp_path, *mails) as (index, tree):
        mailbox = archive(*mails)
        found = {one.message.message_id: one for one in selection(index, tree, mailbox).taken()}
        one = found["5@example.org"]
        assert [comment.message_id for comment in one.open_comments] == ["2@example.org"]
        said = Material(index, EMBEDDER, tree, mailbox, words).measured(one).precedent
    assert (said.open_comments, said.shown, said.foreign, said.reworded) == (1, 1, (), ())


def test_a_comment_on_another_persons_patch_is_foreign() -> None:
    mailbox = archive(
        *(by("Olga", mail(1, SUBJECT, BODY)), review(2, 1)),
        *(mail(3, SUBJECT, BODY), review(4, 3)),
        *(mail(6, SUBJECT, BODY.replace("lamp->lit = true", "lamp_dim(lamp)")), review(7, 6)),
    )
    patch = parse_patch(parse(mail(5, SUBJECT, BODY)))
    assert patch is not None and patch.message is not None
    one = ReviewedPatch(patch, patch.message, (), (VOLTS,), BaseHow.NAMES, (), frozenset())
    passages = [Passage(f"{number}@example.org", "", "", "said of version 1, open", 1) for number in (2, 4, 7)]
    assert precedent(one, passages, mailbox.message).foreign == ("2@example.org", "7@example.org")
