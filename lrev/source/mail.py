"""One mail, from bytes as an archive holds them to a Message.

The compat32 parser of the standard library is used because it reads ten times as many messages a second as the
modern policies, and survives more; headers are therefore decoded here. Sources: RFC 5322, RFC 2047, RFC 3676.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import Message as Parsed
from email.utils import getaddresses, mktime_tz, parsedate_tz
from functools import lru_cache

from lrev.errors import InputError
from lrev.source.git import blob_id
from lrev.source.mail_parts import part_data, read_parts
from lrev.source.mail_text import decode_bytes, decode_header_text, tidy, unflow
from lrev.types import Address, Message

# A body beyond this is a log or a dump; the longest of 7,162 on live-patching has 107,000 characters.
MAX_BODY_CHARACTERS = 10 * 1024 * 1024
# Base64 makes a body a third longer, and headers come on top.
MAX_MAIL_BYTES = 2 * MAX_BODY_CHARACTERS
# Dates up to the year 9999: a sender's clock may stand at 2085, but no calendar goes further.
_MAX_SECONDS = 253_402_300_799

# A list has the same people again and again, and taking recipients apart is a large part of reading a mail.
_KNOWN_PEOPLE = 16384
# Quotes, comments and groups.
_MAY_HIDE_COMMAS = re.compile(r"[\"()\\:;]")

_NO_ADDRESS = re.compile(r"[\s<>,;:\"]")
_MESSAGE_ID = re.compile(r"<\s*([^<>\s]+)\s*>")
_PATCH_TYPES = frozenset({"text/x-patch", "text/x-diff", "application/x-patch", "text/patch", "text/diff"})
_PATCH_NAME = re.compile(r"\.(?:patch|diff)$", re.IGNORECASE)
_DIFF_INSIDE = re.compile(r"^(?:diff --git |--- \S.*\n\+\+\+ \S)", re.MULTILINE)
_REPLY_SUBJECT = re.compile(r"^(?:re|aw|sv|antw)\s*:", re.IGNORECASE)

_BOT_SENDER = re.compile(
    r"\b(?:ro)?bot\b|\w+bot\d*\b|\bpatchwork\b|\bauto-?(?:mail|matic|sel)|\b(?:ci|build)[-_ ]?notif|"
    r"\b(?:no-?reply|do-?not-?reply|lkp|mailer-daemon)@",
    re.IGNORECASE,
)
# Family names that end like a robot's.
_HUMAN_NAME = re.compile(r"\b(?:abb?ott?|talbot|arbot|barbot)\b", re.IGNORECASE)
# Headers that only a machine sets: RFC 3834, the tip and stable scripts, KernelCI.
_BOT_HEADERS = frozenset({"robot-id", "robot-unsubscribe", "x-stable", "x-kernelci-report"})
_BOT_SUBJECT = re.compile(r'^(?:FAILED: patch "|patch ".*" (?:has been )?added to |\[syzbot\])', re.IGNORECASE)


def parse(data: bytes) -> Message:
    """Decode a mail. Raises InputError, naming the message-id or the line, for what is no mail at all."""
    cut = len(data) > MAX_MAIL_BYTES
    headers: dict[str, list[str]] = {}
    try:
        parsed = read_parts(_without_from_line(data[:MAX_MAIL_BYTES]), headers)
        return _message(data, parsed, headers, cut)
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError, AssertionError) as error:
        what = _first_id(headers.get("message-id", [])) or "without message-id"
        reason = "parts nested too deep" if isinstance(error, RecursionError) else "its structure is broken"
        raise InputError(
            f"cannot read mail '{what}': {reason}", "it can be left out; other mail is not affected"
        ) from error


def is_reply(message: Message) -> bool:
    """Whether it answers another mail; a later patch of a series refers to its cover letter and is no reply."""
    return bool(_REPLY_SUBJECT.match(message.subject)) and bool(message.in_reply_to or message.references)


def synthetic_id(data: bytes) -> str:
    """The id of a mail that came without one: that of its blob, in a domain that cannot exist (RFC 2606)."""
    return f"{blob_id(data)}@blob.invalid"


def _without_from_line(data: bytes) -> bytes:
    return data.partition(b"\n")[2] if data.startswith((b"From ", b">From ")) else data


def _message(data: bytes, parsed: Parsed, headers: dict[str, list[str]], cut: bool) -> Message:
    if not headers and not data.strip():
        raise InputError("the mail is empty")
    if not headers:
        raise InputError("line 1 is no mail header", "a mail begins with lines such as 'From:' and 'Subject:'")
    references = tuple(dict.fromkeys(_ids(headers.get("references", []))))
    parent = next(_ids(headers.get("in-reply-to", [])), references[-1] if references else "")
    subject = " ".join(decode_header_text(headers.get("subject", [""])[0]).split())
    sender = _sender(headers.get("from") or headers.get("sender") or [""])
    body, attachments = _texts(parsed, cut)
    return Message(
        message_id=_first_id(headers.get("message-id", [])) or synthetic_id(data),
        subject=subject,
        sender=sender,
        to=_addresses(headers.get("to", [])),
        cc=_addresses(headers.get("cc", [])),
        date=_seconds(headers.get("date", [""])[0]),
        in_reply_to=parent,
        references=references,
        body=body,
        attachments=attachments,
        bot=_is_bot(sender, subject, headers),
    )


def _ids(values: list[str]) -> Iterator[str]:
    for value in values:
        for found in _MESSAGE_ID.finditer(value):
            yield tidy(decode_bytes(found[1].encode("utf-8", "surrogateescape")))


def _first_id(values: list[str]) -> str:
    """The first of duplicates; an id without angle brackets is taken if it has the shape of one."""
    bare = (" ".join(value.split()).strip("<>") for value in values)
    spare = (decode_bytes(text.encode("utf-8", "surrogateescape")) for text in bare if text and " " not in text)
    return next(_ids(values), "") or next(spare, "")


def _addresses(values: list[str]) -> tuple[Address, ...]:
    """Without groups' names, repetitions, and what has not the shape of an address."""
    found: dict[str, Address] = {}
    for address in (address for value in values for address in _addresses_of(value)):
        found.setdefault(address.address.lower(), address)
    return tuple(found.values())


def _addresses_of(value: str) -> Iterator[Address]:
    """Of one header. Where nothing can hide a comma each person is read alone, and known the next time."""
    visible = " ".join(decode_bytes(value.encode("utf-8", "surrogateescape")).split())
    if _MAY_HIDE_COMMAS.search(visible):
        return _people(visible)
    return (person for piece in visible.split(",") for person in _known_people(piece.strip()))


@lru_cache(maxsize=_KNOWN_PEOPLE)
def _known_people(text: str) -> tuple[Address, ...]:
    return tuple(_people(text))


def _people(text: str) -> Iterator[Address]:
    """Names are decoded after the commas are understood: an encoded name may hold one."""
    for name, address in getaddresses([text]):
        decoded = decode_header_text(address)
        if "@" in decoded.strip("@") and not _NO_ADDRESS.search(decoded):
            yield Address(" ".join(decode_header_text(name).split()), decoded)


def _sender(values: list[str]) -> Address:
    valid = _addresses(values[:1])
    if valid:
        return valid[0]
    return Address(" ".join(decode_header_text(values[0]).split()), "")


def _seconds(value: str) -> int | None:
    try:
        fields = parsedate_tz(value)
        seconds = mktime_tz(fields) if fields else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return seconds if seconds is not None and abs(seconds) <= _MAX_SECONDS else None


def _is_bot(sender: Address, subject: str, headers: dict[str, list[str]]) -> bool:
    automatic = headers.get("auto-submitted", ["no"])[0].strip().lower()
    name = _HUMAN_NAME.sub("", sender.name)
    return (
        not _BOT_HEADERS.isdisjoint(headers)
        or automatic.startswith("auto-generated")
        or bool(_BOT_SENDER.search(name) or _BOT_SENDER.search(_HUMAN_NAME.sub("", sender.address)))
        or bool(_BOT_SUBJECT.match(subject))
    )


def _texts(parsed: Parsed, cut: bool) -> tuple[str, tuple[str, ...]]:
    """The body and the patches that came as attachments."""
    bodies: list[str] = []
    attachments: list[str] = []
    for part in parsed.walk():
        if part.is_multipart():
            continue
        kind = part.get_content_type()
        is_patch = kind in _PATCH_TYPES or bool(_PATCH_NAME.search(part.get_filename() or ""))
        if not is_patch and kind != "text/plain":
            continue
        text = _part_text(part)
        attached = part.get_content_disposition() == "attachment"
        if is_patch or (attached and _DIFF_INSIDE.search(text)):
            attachments.append(text)
        elif not attached:
            bodies.append(text)
    body = "\n".join(bodies)
    if cut:
        body += f"\n[lrev: what lies beyond {MAX_MAIL_BYTES} bytes of this mail was not read]\n"
    return body, tuple(attachments)


def _part_text(part: Parsed) -> str:
    text = tidy(decode_bytes(part_data(part), part.get_content_charset("")).replace("\r\n", "\n"))
    if str(part.get_param("format", "")).lower() == "flowed":
        text = unflow(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    left = len(text) - MAX_BODY_CHARACTERS
    return f"{text[:MAX_BODY_CHARACTERS]}\n[lrev: {left} more characters were not read]\n" if left > 0 else text
