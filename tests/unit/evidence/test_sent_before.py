"""Mails with one and the same diff, in an index made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lrev.evidence import sent_before
from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder
from lrev.source.mail import parse
from lrev.source.patch import parse_patch
from lrev.types import Patch

DIFF = "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+long a;\n"
OTHER = DIFF.replace("long", "char")
MARCH, APRIL, MAY = "Fri, 1 Mar 2024", "Mon, 1 Apr 2024", "Wed, 1 May 2024"


def mail(
    name: str, day: str, subject: str, body: str, above: str = "", sender: str = "Ada Example <ada@example.org>"
) -> bytes:
    parent = f"In-Reply-To: <{above}>\nReferences: <{above}>\n" if above else ""
    head = f"From: {sender}\nSubject: {subject}\nDate: {day} 10:00:00 +0000\nMessage-Id: <{name}>\n{parent}"
    return f"{head}\n{body}".encode()


BOB, CLEO = "Bob Sample <bob@example.org>", "Cleo Model <cleo@example.org>"
RE = "Re: [PATCH v2] a: wider"
COMMENT = f"> {DIFF.replace(chr(10), chr(10) + '> ')}\nWhy is this not an unsigned long, as in b.c?\n"
SENT = mail("1@example.org", MARCH, "[PATCH v2] a: wider", f"Wide.\n---\n{DIFF}")
ANSWERS = (
    mail("2@example.org", MARCH, RE, COMMENT, "1@example.org", BOB),
    mail("3@example.org", MARCH, RE, "Because it was so before in all of the files.\n", "2@example.org"),
    mail("4@example.org", MARCH, RE, f"{COMMENT}\nWith that: Fine.\n", "1@example.org", CLEO),
    mail("5@example.org", MARCH, RE, "> x\n\nReviewed-by: Cleo Model <cleo@example.org>\n", "4@example.org", CLEO),
)
UNANSWERED = mail("6@example.org", MARCH, "[PATCH] a: narrow", f"Narrow.\n---\n{OTHER}")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    top = tmp_path_factory.mktemp("sent")
    for number, data in enumerate((SENT, *ANSWERS, UNANSWERED)):
        (top / f"{number}.eml").write_bytes(data)
    (top / "tree").mkdir()
    (top / "tree" / "a.c").write_text("int a;\n")
    build(sources_of([top / "tree"], sorted(top.glob("*.eml"))), top / "index", FakeEmbedder())
    with open_index(top / "index") as opened:
        yield opened


def patch(data: bytes) -> Patch:
    found = parse_patch(parse(data))
    assert found is not None
    return found


def said(index: Index, data: bytes, before: int | None = None) -> list[str]:
    return [one.message for one in sent_before.check(patch(data), index, before)]


AGAIN = mail("9@example.org", MAY, "[PATCH v3 RESEND] a: wider", f"Wide.\n---\n{DIFF}")


def test_comments_that_the_same_diff_passes_over_are_named(index: Index) -> None:
    (text,) = said(index, AGAIN)
    when = "on 2024-03-01 as <1@example.org> (version 2)"
    assert text == f"the same diff was sent {when}, and Bob Sample commented on it: is that settled?"


def test_the_same_diff_of_somebody_else_is_named(index: Index) -> None:
    found = said(index, mail("9@example.org", MAY, "[PATCH] a: narrow", f"Narrow.\n---\n{OTHER}", sender=BOB))
    assert found == ["Ada Example sent the same diff on 2024-03-01 as <6@example.org> (version 1)."]


@pytest.mark.parametrize(
    "data",
    [
        SENT,
        mail("9@example.org", MAY, "[PATCH v3] a: wider", f"Wide.\n---\n{DIFF}", "1@example.org"),
        mail("9@example.org", MAY, "[PATCH v3] a: wider", f"Wide.\n---\n{DIFF}", "2@example.org"),
        mail("9@example.org", "Thu, 1 Feb 2024", "[PATCH] a: wider", f"Wide.\n---\n{DIFF}"),
        mail("9@example.org", MAY, "[PATCH] a: wider", f"commit {'1' * 40} upstream.\n\nWide.\n---\n{DIFF}"),
        mail("9@example.org", MAY, "[PATCH] a: wider", f"Wide.\n---\n{DIFF.replace('long', 'short')}"),
        mail("9@example.org", MAY, "[PATCH v2] a: narrow", f"Narrow.\n---\n{OTHER}"),
        mail("9@example.org", MAY, "[PATCH v3] a: wider", f"Wide.\n\nAcked-by: {BOB}\n---\n{DIFF}"),
        mail("9@example.org", MAY, "[PATCH] a", f"From: Ada Example <ada@example.org>\n\nN.\n---\n{OTHER}", sender=BOB),
    ],
    ids=[
        "itself",
        "an answer",
        "of its thread",
        "older",
        "a backport",
        "another diff",
        "a resend that nobody spoke of",
        "a resend that the critic is content with",
        "a forwarded patch",
    ],
)
def test_nothing_is_said_of(index: Index, data: bytes) -> None:
    assert said(index, data) == []


def test_mail_of_the_day_or_later_takes_no_part(index: Index) -> None:
    first_of_march = 1709251200
    assert said(index, AGAIN, before=first_of_march) == []
    assert len(said(index, AGAIN, before=first_of_march + 24 * 3600)) == 1


def test_a_commit_is_no_mail(index: Index) -> None:
    assert list(sent_before.check(replace(patch(AGAIN), message=None), index, None)) == []
