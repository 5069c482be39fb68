from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrev.errors import InputError
from lrev.source.git import blob_id
from lrev.source.mail import MAX_BODY_CHARACTERS, MAX_MAIL_BYTES, is_reply, parse
from lrev.types import Address, Message

MAIL = Path(__file__).parents[2] / "data" / "mail"
NOON_UTC_4_MARCH_2024 = 1709550000


def mail(name: str) -> Message:
    return parse((MAIL / name).read_bytes())


@pytest.mark.parametrize("path", sorted(MAIL.glob("*.eml")), ids=lambda path: path.stem)
def test_every_quirk_gives_text_that_can_be_stored(path: Path) -> None:
    message = parse(path.read_bytes())
    assert message.message_id
    for text in (message.subject, message.body, message.sender.name, *message.attachments):
        text.encode("utf-8")
        assert "\0" not in text


def test_base64_body_with_diff() -> None:
    message = mail("base64.eml")
    assert message.body.startswith("Light the lamp, señor.\n---\ndiff --git")
    assert "\n+\tlamp->lit = true;\n" in message.body
    assert message.date == NOON_UTC_4_MARCH_2024


def test_broken_base64_keeps_what_can_be_read() -> None:
    assert "Light the lamp" in mail("base64-broken.eml").body


def test_quoted_printable_body_and_subject() -> None:
    message = mail("quoted-printable.eml")
    assert message.subject == "lamp: Glühlampe"
    assert message.body == "if (a == b) return;\nGlühlampe\n"


def test_bytes_without_a_charset_are_latin_1_when_they_are_not_utf_8() -> None:
    message = mail("8bit-no-charset.eml")
    assert (message.subject, message.body) == ("Glühlampe", "Die Glühlampe leuchtet.\n")


def test_an_unknown_charset_falls_back() -> None:
    message = mail("unknown-charset.eml")
    assert (message.subject, message.body) == ("lampü again", "Glühlampe\n")


def test_folded_headers_and_several_cc() -> None:
    message = mail("folded-headers.eml")
    assert message.sender == Address("Jørn Example, Sen.", "jorn@example.org")
    assert [one.address for one in message.to] == ["one@example.org", "two@example.org"]
    assert message.to[1].name == "Two, the Second"
    assert [one.address for one in message.cc] == ["three@example.org", "four@example.org", "ONE@example.org"]
    assert message.subject == "[PATCH v2 1/3] a subject that goes on äö"
    assert message.message_id == "folded@example.org"
    assert message.references == ("a@example.org", "b@example.org")
    assert message.in_reply_to == "b@example.org"
    assert message.date == NOON_UTC_4_MARCH_2024


def test_nonsense_addresses_are_left_out() -> None:
    message = mail("addresses-nonsense.eml")
    assert message.sender == Address("nobody at all", "")
    assert message.to == ()
    assert [one.address for one in message.cc] == ["pal@example.org", "ok@example.org"]


def test_no_recipient_is_invented() -> None:
    message = mail("no-recipients.eml")
    assert (message.to, message.cc) == ((), ())


@pytest.mark.parametrize("name", ["date-broken.eml", "date-huge-zone.eml", "message-id-missing.eml"])
def test_a_date_that_cannot_be_read_is_none(name: str) -> None:
    assert mail(name).date is None


def test_a_date_in_2085_is_kept() -> None:
    date = mail("date-2085.eml").date
    assert date is not None
    assert date > NOON_UTC_4_MARCH_2024 + 60 * 365 * 86_400


def test_a_missing_message_id_is_made_from_the_blob() -> None:
    data = (MAIL / "message-id-missing.eml").read_bytes()
    assert parse(data).message_id == f"{blob_id(data)}@blob.invalid"


def test_the_first_of_several_message_ids_counts() -> None:
    assert mail("message-id-twice.eml").message_id == "first@example.org"


def test_crlf_becomes_lf() -> None:
    assert mail("crlf.eml").body == "one\ntwo\n"


def test_flowed_paragraphs_are_joined_and_quotes_are_not() -> None:
    body = mail("flowed.eml").body
    assert body == "This is one paragraph.\nFrom the start.\n> quoted stays \n> as it is\n-- \nAnn\n"


def test_a_diff_in_flowed_mail_keeps_its_blanks() -> None:
    body = mail("flowed-diff.eml").body
    assert body.startswith("The message flows.\n---\n")
    assert "\n \tif (!lamp)\n" in body


def test_attached_patches_and_nothing_else() -> None:
    message = mail("patch-attached.eml")
    assert message.body == "See the attachment."
    assert len(message.attachments) == 2
    assert all(text.startswith("diff --git a/drivers/lamp/lamp.c") for text in message.attachments)


def test_control_characters_do_not_survive_in_headers() -> None:
    message = mail("header-control-characters.eml")
    assert message.sender.name == "Eve Bcc: all@example.org"
    assert message.subject == "a [31mb c"


@pytest.mark.parametrize(
    ("name", "bot"), [("bot-robot.eml", True), ("bot-stable.eml", True), ("not-a-bot.eml", False), ("crlf.eml", False)]
)
def test_bots(name: str, bot: bool) -> None:
    assert mail(name).bot is bot


def test_text_without_headers_is_refused_by_its_line() -> None:
    with pytest.raises(InputError, match="line 1 is no mail header"):
        mail("no-headers.txt")


def test_an_empty_mail_is_refused() -> None:
    with pytest.raises(InputError, match="empty"):
        parse(b"\n\n")


def test_parts_nested_without_end_are_refused_by_message_id() -> None:
    depth = 3000
    parts = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (at, at) for at in range(depth))
    with pytest.raises(InputError, match=r"'deep@example\.org'.*nested too deep|'without message-id'.*nested too deep"):
        parse(b"Message-ID: <deep@example.org>\n" + parts)


def test_a_huge_body_is_cut_with_a_note() -> None:
    message = parse(b"Message-ID: <huge@example.org>\n\n" + b"x" * 79 + b"\n" + b"line\n" * (MAX_MAIL_BYTES // 4))
    assert len(message.body) < MAX_BODY_CHARACTERS + 300
    assert message.body.count("[lrev: ") == 2


def test_replies_are_told_from_later_parts_of_a_series() -> None:
    assert is_reply(mail("reply-with-hunk.eml"))
    assert not is_reply(mail("folded-headers.eml"))


@given(st.binary(max_size=400))
def test_no_bytes_end_in_a_traceback(data: bytes) -> None:
    for given_bytes in (data, b"Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n--a\n" + data):
        try:
            message = parse(given_bytes)
        except InputError:
            continue
        message.body.encode("utf-8")


@given(st.text(max_size=60), st.sampled_from(["From", "To", "Cc", "Subject", "Date", "Message-ID", "Content-Type"]))
def test_no_header_ends_in_a_traceback(value: str, name: str) -> None:
    data = f"{name}: {value}\nX-More: y\n\nbody\n".encode("utf-8", "replace")
    with suppress(InputError):
        parse(data).subject.encode("utf-8")
