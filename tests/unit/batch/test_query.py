"""Words that choose among the patches of an archive."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from lrev.batch.gather import gather
from lrev.batch.query import is_query_word, parse_query
from lrev.errors import InputError, UsageError
from lrev.types import Address, Series
from tests.unit.batch.patches import generated, write_mailbox
from tests.unit.changes import message, patch

# Monday, 4 March 2024, noon UTC.
NOW = 1709553600
DAY = 86400


def series(date: int = NOW, to: str = "linux-mm@lists.example.org", sender: str = "ann@example.org") -> Series:
    mail = message(date=date, to=(Address("", to),), cc=(), sender=Address("Ann Author", sender))
    return Series((patch(mail=mail),))


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["since:today"], [NOW]),
        (["since:yesterday"], [NOW - DAY, NOW]),
        (["since:yesterday", "until:today"], [NOW - DAY]),
        (["since:3days"], [NOW - 3 * DAY, NOW - DAY, NOW]),
        (["since:12hours"], [NOW]),
        (["since:1week", "until:2024-03-02"], [NOW - 3 * DAY]),
        (["until:2024-03-01"], []),
    ],
)
def test_times(words: list[str], taken: list[int]) -> None:
    query = parse_query(words, NOW)
    assert [date for date in (NOW - 3 * DAY, NOW - DAY, NOW) if query.takes(series(date))] == taken


def test_days_begin_at_this_machines_midnight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Etc/GMT-10")  # ten hours before Greenwich
    time.tzset()
    assert parse_query(["since:today"], NOW).since == NOW - 22 * 3600


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        (["list:linux-mm"], True),
        (["list:LINUX-MM@lists.example.org"], True),
        (["list:linux"], False),
        (["list:netdev", "list:linux-mm"], True),
        (["subject:LIGHT"], True),
        (["subject:dark"], False),
        (["from:ann"], True),
        (["from:author", "subject:lamp", "list:linux-mm", "since:today"], True),
        (["from:author", "subject:dark"], False),
    ],
)
def test_lists_subjects_and_senders(words: list[str], taken: bool) -> None:
    assert parse_query(words, NOW).takes(series()) is taken


@pytest.mark.parametrize("words", [["since:"], ["since:tomorrow"], ["until:5"]])
def test_what_is_no_query_is_told(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse_query(words, NOW)


def test_what_looks_like_a_word_of_a_query() -> None:
    assert [one for one in ("since:x", "C:/x", "a.mbox", "list", "from:a b") if is_query_word(one)] == [
        "since:x",
        "from:a b",
    ]


def maildir(folder: Path, *mails: str) -> Path:
    (folder / "new").mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"{number}.eml").write_text(mail.partition("\n")[2])
    return folder


def test_an_archive_gives_the_patches_that_are_asked_for(tmp_path: Path) -> None:
    reply = generated(7).replace("Subject: [PATCH]", "Subject: Re: [PATCH]")
    old = generated(8).replace("4 Mar 2024", "4 Jan 2024")
    archive = maildir(tmp_path / "mail", generated(5), reply, old, "From x\nSubject: lunch\n\nAt noon?\n")
    found = gather(str(archive), parse_query(["since:today"], NOW), None)
    assert [one.subject for each in found for one in each.patches] == ["pebble: settle buffers after 5 rounds"]
    everything = gather(str(archive), parse_query(["subject:settle"], NOW), None)
    assert len(everything) == 2


def test_a_query_over_a_file_and_none_at_all(tmp_path: Path) -> None:
    mailbox = write_mailbox(tmp_path / "mailbox", (1, 2, 3))
    assert len(gather(str(mailbox), None, None)) == 3
    assert len(gather(str(mailbox), parse_query(["subject:after 2 rounds"], NOW), None)) == 1
    with pytest.raises(InputError):
        gather(str(tmp_path / "nowhere"), None, None)
