from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import GitError, InputError
from lrev.source.git import Repository
from lrev.source.series import read_input

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "series"


def mail(number: int, subject: str, *, to: str = "", text: str = "", sender: str = "ann@example.org") -> str:
    diff = f"diff --git a/f{number}.c b/f{number}.c\n--- a/f{number}.c\n+++ b/f{number}.c\n@@ -1 +1 @@\n-a\n+b\n"
    answers = f"In-Reply-To: <{to}@example.org>\nReferences: <{to}@example.org>\n" if to else ""
    body = text or f"Why.\n---\n{diff}"
    return (
        f"From {sender} Mon Mar  4 10:00:00 2024\nFrom: {sender}\nSubject: {subject}\n"
        f"Message-Id: <{number}@example.org>\n{answers}\n{body}\n"
    )


def read(*mails: str) -> list[list[tuple[int, str]]]:
    found = read_input("-", "".join(mails).encode(), None)
    return [[(patch.part, patch.subject) for patch in series.patches] for series in found]


def test_an_mbox_gives_a_series_in_order_with_its_cover_letter() -> None:
    (series,) = read_input(str(EXAMPLES / "pebble-lantern-series.mbox"), None, None)
    assert [patch.part for patch in series.patches] == [1, 2, 3]
    assert series.cover is not None and series.cover.subject.startswith("[PATCH 0/3]")
    assert series.notes == ()


def test_parts_come_in_order_and_a_missing_one_is_said() -> None:
    mails = mail(3, "[PATCH 3/3] c", to="0"), mail(1, "[PATCH 1/3] a", to="0")
    (series,) = read_input("-", "".join(mails).encode(), None)
    assert [patch.subject for patch in series.patches] == ["a", "c"]
    assert series.notes == ("the series lacks part 2 of 3",)


def test_of_two_versions_the_newer_is_read_and_the_older_named() -> None:
    mails = mail(1, "[PATCH] lamp"), mail(2, "[PATCH v2] lamp", to="1")
    (series,) = read_input("-", "".join(mails).encode(), None)
    assert [patch.version for patch in series.patches] == [2]
    assert "version 1 of 'lamp' was left out" in series.notes


def test_a_resend_replaces_and_replies_play_no_part() -> None:
    quoted = "> diff --git a/f1.c b/f1.c\n> --- a/f1.c\n> +++ b/f1.c\nNo.\n"
    mails = (
        mail(1, "[PATCH 1/1] lamp", to="0"),
        mail(2, "[RESEND PATCH 1/1] lamp", to="0"),
        mail(3, "Re: [PATCH 1/1] lamp", to="1", text=quoted, sender="max@example.org"),
        mail(4, "Re: [PATCH 1/1] lamp", to="1", sender="max@example.org"),  # a counter-proposal is no patch of ours
    )
    (series,) = read_input("-", "".join(mails).encode(), None)
    assert [diff.path for patch in series.patches for diff in patch.files] == ["f2.c"]


def test_two_series_of_two_people_stay_apart() -> None:
    assert read(mail(1, "[PATCH] a"), mail(2, "[PATCH] b", sender="bob@example.org")) == [[(1, "a")], [(1, "b")]]


def test_a_broken_mail_is_noted_beside_the_others_and_fatal_alone() -> None:
    broken = mail(9, "[PATCH] broken").replace("@@ -1 +1 @@", "@@ -1,7 +1,7 @@")
    (series,) = read_input("-", (mail(1, "[PATCH] a") + broken).encode(), None)
    assert any("<9@example.org>" in note for note in series.notes)
    with pytest.raises(InputError, match=r"<9@example\.org>"):
        read(broken)


def test_a_patch_mail_that_lost_its_diff_is_a_patch_that_changes_nothing() -> None:
    ((patch,),) = [series.patches for series in read_input("-", mail(1, "[PATCH] lamp", text="Why.").encode(), None)]
    assert (patch.subject, patch.files, patch.description) == ("lamp", (), "Why.")


def test_a_bare_diff_is_a_patch_without_recipients() -> None:
    data = b"diff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-a\n+b\n"
    ((patch,),) = [series.patches for series in read_input("-", data, None)]
    assert (patch.subject, patch.message) == ("f.c", None)


@pytest.mark.parametrize(
    ("source", "data", "says"),
    [("-", b"  \n", "is empty"), ("-", b"just words\n", "no patch"), ("/nowhere/x.mbox", None, "no file")],
)
def test_input_without_a_patch_is_an_error(source: str, data: bytes | None, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_input(source, data, None)


def test_a_commit_and_a_range_are_series(repository: Path) -> None:
    opened = Repository.open(repository)
    ((one,),) = [series.patches for series in read_input("HEAD", None, opened)]
    assert (one.subject, one.commit, one.message) == ("two", opened.rev_parse("HEAD"), None)
    assert {diff.path for diff in one.files} == {"a.c", "mm/c.c"}
    with pytest.raises(GitError, match="no commit"):
        read_input("HEAD~7", None, opened)
