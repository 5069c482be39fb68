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


SENT = mail("1@example.org", MARCH, "[PATCH v2] a: wider", f"Wide.\n---\n{DIFF}")
ANSWER = mail(
    "2@example.org",
    MARCH,
    "Re: [PATCH v2] a: wider",
    "> +long a;\nWhy?\n",
    "1@example.org",
    "Bob Sample <bob@example.org>",
)
OWN_ANSWER = mail("3@example.org", MARCH, "Re: [PATCH v2] a: wider", "Because.\n", "2@example.org")
UNANSWERED = mail("4@example.org", MARCH, "[PATCH] a: narrow", f"Narrow.\n---\n{OTHER}")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    top = tmp_path_factory.mktemp("sent")
    for number, data in enumerate((SENT, ANSWER, OWN_ANSWER, UNANSWERED)):
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


def test_an_earlier_mail_is_named_with_who_answered(index: Index) -> None:
    (text,) = said(index, AGAIN)
    assert text.startswith("the same diff was sent on 2024-03-01 as <1@example.org> (version 2); ")
    assert text.endswith("; Bob Sample answered: is what was said then settled?")
    again = mail("9@example.org", MAY, "[PATCH] a: narrow", f"Narrow.\n---\n{OTHER}")
    assert said(index, again) == [
        "the same diff was sent on 2024-03-01 as <4@example.org> (version 1); the archive has no answer to it."
    ]


@pytest.mark.parametrize(
    "data",
    [
        SENT,
        mail("9@example.org", MAY, "[PATCH v3] a: wider", f"Wide.\n---\n{DIFF}", "1@example.org"),
        mail("9@example.org", MAY, "[PATCH v3] a: wider", f"Wide.\n---\n{DIFF}", "2@example.org"),
        mail("9@example.org", "Thu, 1 Feb 2024", "[PATCH] a: wider", f"Wide.\n---\n{DIFF}"),
        mail("9@example.org", MAY, "[PATCH] a: wider", f"commit {'1' * 40} upstream.\n\nWide.\n---\n{DIFF}"),
        mail("9@example.org", MAY, "[PATCH] a: wider", f"Wide.\n---\n{DIFF.replace('long', 'short')}"),
    ],
    ids=["itself", "an answer", "of its thread", "older", "a backport", "another diff"],
)
def test_nothing_is_said_of(index: Index, data: bytes) -> None:
    assert said(index, data) == []


def test_mail_of_the_day_or_later_takes_no_part(index: Index) -> None:
    first_of_march = 1709251200
    assert said(index, AGAIN, before=first_of_march) == []
    assert len(said(index, AGAIN, before=first_of_march + 24 * 3600)) == 1


def test_a_commit_is_no_mail(index: Index) -> None:
    assert list(sent_before.check(replace(patch(AGAIN), message=None), index, None)) == []
