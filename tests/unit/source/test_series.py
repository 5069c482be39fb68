from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from lrev.errors import GitError, InputError
from lrev.source.git import Repository
from lrev.source.series import read_input, read_once

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


def test_one_subject_twice_is_two_patches_unless_they_share_a_file() -> None:
    """`fix a typo` to two drivers, from one person or from two."""
    assert read(mail(1, "[PATCH] typo"), mail(2, "[PATCH] typo")) == [[(1, "typo")], [(1, "typo")]]
    resent = mail(2, "[PATCH] typo").replace("f2.c", "f1.c")
    assert read(mail(1, "[PATCH] typo"), resent) == [[(1, "typo")]]
    by_another = mail(2, "[PATCH v2] typo", sender="bob@example.org").replace("f2.c", "f1.c")
    assert read(mail(1, "[PATCH] typo"), by_another) == [[(1, "typo")], [(1, "typo")]]


def test_parts_that_were_not_sent_again_stay_as_they_were() -> None:
    mails = (
        mail(0, "[PATCH 0/3] lamps", text="Cover.\n"),
        *(mail(number, f"[PATCH {number}/3] part {number}", to="0") for number in (1, 2, 3)),
        mail(12, "[PATCH v2 2/3] part 2, better", to="0"),
    )
    (series,) = read_input("-", "".join(mails).encode(), None)
    assert [(patch.part, patch.version) for patch in series.patches] == [(1, 1), (2, 2), (3, 1)]
    assert series.notes == ("version 2 did not send part 1, 3 of 3 again: read as sent before",)
    assert series.cover is not None and series.cover.body.strip() == "Cover."


def test_parts_of_a_version_that_was_cut_otherwise_are_left() -> None:
    mails = (
        *(mail(number, f"[PATCH {number}/3] part {number}", to="0") for number in (1, 2, 3)),
        *(mail(10 + number, f"[PATCH v2 {number}/2] part {number}", to="0") for number in (1, 2)),
    )
    (series,) = read_input("-", "".join(mails).encode(), None)
    assert [(patch.part, patch.version) for patch in series.patches] == [(1, 2), (2, 2)]


def unlinked(number: int, subject: str) -> str:
    return "\n".join(line for line in mail(number, subject).split("\n") if not line.startswith("Message-Id"))


def test_what_format_patch_leaves_in_a_directory_is_one_series(tmp_path: Path) -> None:
    """Files without a Message-Id, none of which answers another."""
    (tmp_path / "0000-cover-letter.patch").write_text(unlinked(0, "[PATCH 0/2] lamps").replace("diff", "diffs"))
    for part in (1, 2):
        (tmp_path / f"000{part}-part.patch").write_text(unlinked(part, f"[PATCH {part}/2] part {part}"))
    (tmp_path / "notes.txt").write_text("not a patch")
    (series,) = read_input(str(tmp_path), None, None)
    assert [(patch.part, patch.subject) for patch in series.patches] == [(1, "part 1"), (2, "part 2")]
    assert series.cover is not None and series.cover.subject == "[PATCH 0/2] lamps"
    assert series.notes == ()


def test_a_directory_may_hold_bare_diffs_and_must_hold_something(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no mail"):
        read_input(str(tmp_path), None, None)
    (tmp_path / "a.diff").write_text("Index: f.c\n====\n--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-a\n+b\n")
    (tmp_path / "empty.patch").write_text("")
    ((patch,),) = [series.patches for series in read_input(str(tmp_path), None, None)]
    assert [diff.path for diff in patch.files] == ["f.c"]


LOG = """\
commit 2222222222222222222222222222222222222222 (HEAD -> main, tag: v2)
Author: Ann Example <ann@example.org>
Date:   Tue Mar 5 10:00:00 2024 +0100

    lamp: second

    commit 3333333333 is named in this text.

    Signed-off-by: Ann Example <ann@example.org>

diff --git a/b.c b/b.c
--- a/b.c
+++ b/b.c
@@ -1 +1 @@
-a
+b

commit 1111111111111111111111111111111111111111
Merge: aaaaaaa bbbbbbb
Author: Max Example <max@example.org>
Date:   Mon Mar 4 10:00:00 2024 +0100

    Merge

commit 0123456
Author: Max Example <max@example.org>
Date:   Mon Mar 4 10:00:00 2024 +0100

    lamp: first
---
 a.c | 2 +-
 1 file changed, 1 insertion(+), 1 deletion(-)

diff --git a/a.c b/a.c
--- a/a.c
+++ b/a.c
@@ -1 +1 @@
-a
+b
"""


def test_what_git_log_prints_is_a_series_oldest_first() -> None:
    (series,) = read_input("-", LOG.encode(), None)
    told = [(one.part, one.total, one.subject, one.author.address, one.files[0].path) for one in series.patches]
    assert told == [
        (1, 2, "lamp: first", "max@example.org", "a.c"),
        (2, 2, "lamp: second", "ann@example.org", "b.c"),
    ]
    assert series.patches[1].commit == "2" * 40
    assert series.patches[1].description.startswith("commit 3333333333 is named")


def test_a_pipe_is_read_before_the_process_is_sealed(tmp_path: Path) -> None:
    """`lrev review <(git show)`"""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(LOG,))
    writer.start()
    data = read_once(str(pipe))
    writer.join()
    assert data == LOG.encode()
    assert [len(series.patches) for series in read_input(str(pipe), data, None)] == [2]
    assert read_once(str(tmp_path)) is None
