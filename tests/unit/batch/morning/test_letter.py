from __future__ import annotations

import re

import pytest

from lrev.batch.digest import Digest
from lrev.batch.morning.letter import letter
from lrev.report.reply import WIDTH_COLUMNS
from tests.unit.batch.morning.digests import PROVEN, UNREAD, digest, review, reviewed, unread
from tests.unit.batch.morning.test_page import DIGESTS, every_digest


@every_digest
def test_it_is_as_wide_as_mail_and_holds_nothing_that_steers_a_terminal(of: Digest) -> None:
    text = letter(of)
    assert [
        line for line in text.splitlines() if len(line) > WIDTH_COLUMNS and "./" not in line and ":" not in line
    ] == []
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert text == letter(of)


@every_digest
def test_no_line_of_it_reads_as_a_review_tag(of: Digest) -> None:
    assert not re.search(r"^\s*(?:reviewed|acked|tested)-by\s*:", letter(of), re.IGNORECASE | re.MULTILINE)


def test_it_has_the_order_of_the_page() -> None:
    text = letter(DIGESTS["full"])
    titles = re.findall(r"^(.+)\n-{5,}$", text, re.MULTILINE)
    assert titles == [
        "Finished, failed and unread",
        "Proven by code",
        "Suspected",
        "Since the last run",
        "Coverage",
        "Time and tokens by stage",
        "Noted, and no defect",
    ]
    assert re.search(r"^finished +2   1 of them in this run$", text, re.MULTILINE)
    assert re.search(r"^not reached +1   deadline 2024-03-05 06:00 UTC$", text, re.MULTILINE)
    assert "- [PATCH] lamp: dim it, Bob Builder\n  the model process died twice\n" in text


def test_a_proven_finding_has_its_place_its_quote_and_its_reply() -> None:
    text = letter(DIGESTS["full"])
    assert " 1. NEW drivers/example/lamp.c:13, lamp_probe()\n" in text
    assert "\n    > p->on = true;\n" in text
    assert "\n    [proven; check:example]\n    replies/1.txt\n" in text


def test_at_most_ten_are_listed_and_the_rest_is_counted() -> None:
    jobs = [reviewed(job, review(PROVEN, subject=f"lamp: part {job}")) for job in range(1, 14)]
    text = letter(digest(*jobs, failed=tuple(unread(job, "no diff") for job in range(20, 35))))
    assert text.count("[proven; check:example]") == 10
    assert "and 3 more proven; the page has them." in text
    assert "and 5 more failed; the page has them." in text


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (DIGESTS["empty"], "No patch has been reviewed, so nothing is said about any."),
        (digest(reviewed(1, review(coverage=(UNREAD,)))), "Nothing of the reviewed patches could be read"),
    ],
)
def test_nothing_found_is_never_said_of_what_was_not_read(of: Digest, said: str) -> None:
    assert said in letter(of)
    assert "Nothing is" not in letter(of)
