from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.evaluate.known_names import KnownNames, Words
from lrev.evaluate.mailbox import IndexedMail, Period
from lrev.evaluate.naming import Name, NameKind
from lrev.evaluate.reviewed_patches import IN_TREE, NO_BASE, NO_NAMES, NO_REVIEW, Selection
from lrev.indexing.reader import Index
from lrev.source.tree import DirectoryTree
from lrev.types import BaseHow
from tests.unit.evaluate.reviewing import BODY, NAMED, SUBJECT, archive, indexed, review, selection
from tests.unit.indexing.trees import mail

APPLIED = BODY.replace("+\tlamp->lit = true;\n", "").replace(" \tlamp_switch", "+\tlamp_switch").replace("8,5", "8,4")
APPLIED = APPLIED.replace("8,6", "8,5")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, DirectoryTree]]:
    with indexed(tmp_path_factory.mktemp("lamps")) as opened:
        yield opened


def left_out(found: Selection) -> dict[str, int]:
    assert found.taken() == ()
    return dict(found.left_out)


def test_the_names_are_what_the_reviewer_said_the_tree_knows_and_the_mail_lacks(
    known: tuple[Index, DirectoryTree],
) -> None:
    (one,) = selection(*known, archive(mail(1, SUBJECT, BODY), review(2, 1))).taken()
    assert tuple(name.text for name in one.names) == NAMED
    assert one.base is BaseHow.NAMES
    assert one.own_thread == {"1@example.org", "2@example.org"}


def test_mail_of_an_index_gives_the_same(tmp_path: Path) -> None:
    with indexed(tmp_path, mail(1, SUBJECT, BODY), review(2, 1)) as (index, tree):
        (one,) = selection(index, tree, IndexedMail(index)).taken()
        assert tuple(name.text for name in one.names) == NAMED
        assert list(IndexedMail(index).patches(Period(0, 1))) == []


@pytest.mark.parametrize("name", ["Ann", "Ann Author"])
def test_the_author_is_no_reviewer(known: tuple[Index, DirectoryTree], name: str) -> None:
    answer = review(2, 1, name=name).replace(b"Ann@", b"ann@")
    assert left_out(selection(*known, archive(mail(1, SUBJECT, BODY), answer))) == {NO_REVIEW: 1}


@pytest.mark.parametrize("name", ["syzbot", "kernel test robot"])
def test_a_bot_is_no_reviewer(known: tuple[Index, DirectoryTree], name: str) -> None:
    assert left_out(selection(*known, archive(mail(1, SUBJECT, BODY), review(2, 1, name=name)))) == {NO_REVIEW: 1}


def test_a_patch_that_the_tree_has_is_left_out_and_so_is_each_version_of_it(
    known: tuple[Index, DirectoryTree],
) -> None:
    second = mail(3, "[PATCH v2] lamp: light it", APPLIED)
    both = archive(mail(1, SUBJECT, BODY), review(2, 1), second, review(4, 3))
    assert left_out(selection(*known, both)) == {IN_TREE: 2}
    added = BODY.replace("--- a/drivers/lamp/lamp.c", "new file mode 100644\n--- /dev/null").replace(
        "lit = true", "lit"
    )
    assert IN_TREE in left_out(selection(*known, archive(mail(1, SUBJECT, added), review(2, 1))))


def test_a_patch_for_files_that_are_not_there_is_left_out(known: tuple[Index, DirectoryTree]) -> None:
    elsewhere = BODY.replace("drivers/lamp/", "drivers/torch/")
    assert left_out(selection(*known, archive(mail(1, SUBJECT, elsewhere), review(2, 1)))) == {NO_BASE: 1}


def test_a_patch_of_which_nothing_new_was_named_is_left_out(known: tuple[Index, DirectoryTree]) -> None:
    dull = review(2, 1, "> +\tlamp->lit = true;\n\nThis is not a good idea at all, I am afraid.\n")
    assert left_out(selection(*known, archive(mail(1, SUBJECT, BODY), dull))) == {NO_NAMES: 1}


def test_a_limit_takes_the_same_ones_each_time(known: tuple[Index, DirectoryTree]) -> None:
    mails = [one for n in range(1, 9, 2) for one in (mail(n, f"[PATCH] lamp: {n}", BODY), review(n + 1, n))]
    ways = [archive(*mails), archive(*reversed(mails))]
    taken = [[one.message.message_id for one in selection(*known, way, 2).taken()] for way in ways]
    assert taken[0] == taken[1]
    assert len(taken[0]) == 2


def test_the_parts_before_it_come_with_a_patch(known: tuple[Index, DirectoryTree]) -> None:
    cover = mail(1, "[PATCH 0/2] lamp: lights", "Two lights.\n")
    parts = [mail(n + 1, f"[PATCH {n}/2] lamp: light {n}", BODY, "1@example.org") for n in (1, 2)]
    (one,) = selection(*known, archive(cover, *parts, review(4, 3))).taken()
    assert [patch.subject for patch in one.earlier] == ["lamp: light 1"]
    assert one.own_thread == {f"{n}@example.org" for n in (1, 2, 3, 4)}


@pytest.mark.parametrize(
    ("kind", "text", "as_known"),
    [
        (NameKind.SYMBOL, "lamp_light", "lamp_light"),
        (NameKind.SYMBOL, "lamp_nowhere", None),
        (NameKind.CONFIG, "LAMP", "LAMP"),
        (NameKind.CONFIG, "TORCH", None),
        (NameKind.FILE, "linux/lamp.h", "linux/lamp.h"),
        (NameKind.FILE, "lamp.c", "lamp.c"),
        (NameKind.FILE, "drivers/lamp.c", None),
        (NameKind.FILE, "Kconfig", None),
        (NameKind.DOCUMENT, "Documentation/lamp", "Documentation/lamp.rst"),
        (NameKind.CALLED, "probe", None),
    ],
)
def test_what_the_tree_knows(
    known: tuple[Index, DirectoryTree], kind: NameKind, text: str, as_known: str | None
) -> None:
    found = KnownNames(known[0], known[0].trees[0].name).known(Name(kind, text))
    assert (found.text if found else None) == as_known


@pytest.mark.parametrize(
    ("kind", "text", "stands"),
    [
        (NameKind.SYMBOL, "lamp_light", True),
        (NameKind.SYMBOL, "lamp_lig", False),
        (NameKind.CONFIG, "LAMP", True),
        (NameKind.FILE, "lamp.c", True),
        (NameKind.FILE, "lamp/lamp.c", True),
        (NameKind.FILE, "amp.c", False),
        (NameKind.FILE, "drivers/lamp/lam", False),
    ],
)
def test_where_a_name_stands(kind: NameKind, text: str, stands: bool) -> None:
    assert (Name(kind, text) in Words(["lamp_light(lamp)", "depends on LAMP", "drivers/lamp/lamp.c:3"])) is stands
