"""Which mails are versions of a patch, and whose words on them are whose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lrev.indexing.reader import Index
from lrev.retrieve.earlier import Said, Versions
from lrev.retrieve.lookup import own_thread
from lrev.source.mail import parse
from lrev.source.patch import parse_patch
from lrev.types import Patch
from tests.unit.retrieve.lamps import DATA, indexed, the_patch

V1 = (DATA / "mail" / "1-version-1.eml").read_bytes()
OPEN = (DATA / "mail" / "2-open.eml").read_bytes()
RELAYED = b"From: Ann Author via B4 Relay <devnull+ann.example.org@relay.example.org>"
BEFORE_VERSION_1, A_YEAR_LATER = 1709463600, 1743800000
SENT = b"From: Ann Author <ann@example.org>"


@contextmanager
def archive(directory: Path, *mails: bytes) -> Iterator[Index]:
    with indexed(directory, *mails) as index:
        yield index


def other_thread(mail: bytes, mark: bytes) -> bytes:
    """The same mail under ids of its own."""
    for name in (b"version-1@", b"open@"):
        mail = mail.replace(b"<" + name, b"<" + mark + name)
    return mail


def said_of(index: Index, patch: Patch) -> list[Said]:
    return list(Versions(index).said(patch))


def sources(found: list[Said]) -> set[str]:
    return {one.comment.message_id for one in found}


def test_another_patch_of_the_same_name_and_number_is_no_version(tmp_path: Path) -> None:
    other = other_thread(V1, b"x").replace(
        b"+\tif (!lamp)\n+\t\treturn -ENODEV;\n", b"+\tlamp_dust(lamp);\n+\tlamp_polish(lamp);\n"
    )
    with archive(tmp_path, other, other_thread(OPEN, b"x")) as index:
        first = parse_patch(parse(V1.replace(b"<version-1@", b"<again@").replace(b"11:00:00", b"23:00:00")))
        assert first is not None
        assert "xopen@example.org" not in sources(said_of(index, first))
        assert "xopen@example.org" in sources(said_of(index, the_patch()))


def test_a_patch_that_a_relay_sent_is_its_authors(tmp_path: Path) -> None:
    mine = b"From: Ann Author <ann@example.org>\nTo: list@lists.example.org\nSubject: Re: [PATCH] lamp: check\n"
    mine += (
        b"Message-ID: <mine@example.org>\nIn-Reply-To: <xopen@example.org>\nDate: Mon, 04 Mar 2024 15:00:00 +0000\n\n"
    )
    mine += b"> It gives error pointers and never NULL.\n\nThank you, I will use IS_ERR() in the next version then.\n"
    own = mine.replace(b"<mine@", b"<own@").replace(b"<xopen@", b"<xversion-1@")
    own = own.replace(b"> It gives error pointers and never NULL.", b"> +\tif (!lamp)\n> +\t\treturn -ENODEV;")
    relayed = (
        other_thread(V1, b"x")
        .replace(SENT, RELAYED)
        .replace(b"The lamp need", b"From: Ann Author <ann@example.org>\n\nThe lamp need")
    )
    with archive(tmp_path, relayed, other_thread(OPEN, b"x"), mine, own) as index:
        found = {one.comment.message_id: one for one in said_of(index, the_patch())}
    assert found["xopen@example.org"].answered
    assert "own@example.org" not in found


def test_a_path_that_is_no_text_has_no_versions(tmp_path: Path) -> None:
    (diff,) = the_patch().files
    with archive(tmp_path) as index:
        assert said_of(index, replace(the_patch(), files=(replace(diff, new_path="drivers/lamp/\udcff.c"),))) == []


def test_replies_to_the_patch_itself_are_of_its_own_thread(tmp_path: Path) -> None:
    second = (DATA / "patch.mbox").read_bytes().partition(b"\n")[2]
    reply = OPEN.replace(b"<open@", b"<reply@").replace(b"<version-1@example.org>", b"<version-2@example.org>")
    with archive(tmp_path, second, reply) as index:
        assert own_thread(the_patch(), index) == {"", "version-2@example.org", "reply@example.org"}
        assert own_thread(replace(the_patch(), message=None), index) == frozenset()


@pytest.mark.parametrize("sent", [BEFORE_VERSION_1, A_YEAR_LATER])
def test_what_is_later_or_long_gone_is_no_version(tmp_path: Path, sent: int) -> None:
    message = the_patch().message
    assert message is not None
    with archive(tmp_path) as index:
        assert said_of(index, the_patch())
        assert said_of(index, replace(the_patch(), message=replace(message, date=sent))) == []
