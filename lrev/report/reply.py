"""The drafted reply: a plain-text mail as a maintainer writes one, quoted hunks with comments below their lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, formataddr

from lrev.report.quoting import quoted_file, quoted_message
from lrev.report.summary import read_lines
from lrev.types import Address, Finding, Message, Review

WIDTH_COLUMNS = 72  # what list mail is wrapped at
DRAFT_NOTE = "draft by lrev; for the person at this machine to check, edit and send, or not"


def reply(review: Review) -> str:
    """Headers, an attribution line, the quoted hunks with comments, and what was and was not read."""
    parts = [*_headers(review), "", *_body(review)]
    return "\n".join(line.rstrip() for line in parts) + "\n"


def _headers(review: Review) -> Iterator[str]:
    message = review.patch.message
    yield f"X-Lrev-Draft: {DRAFT_NOTE}"
    if message is None:
        yield f"Subject: {_one_line(review.patch.subject)}"
        return
    to, cc = recipients(message)
    if to:
        yield f"To: {_addresses(to)}"
    if cc:
        yield f"Cc: {_addresses(cc)}"
    yield f"Subject: {_reply_subject(message.subject)}"
    yield f"In-Reply-To: <{message.message_id}>"
    chain = dict.fromkeys((*message.references, message.message_id))
    yield "References: " + "\n ".join(f"<{name}>" for name in chain)


def recipients(message: Message) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To: who sent it; Cc: everyone else the mail names. Nobody that the mail does not name."""
    to = (message.sender,) if message.sender.address else ()
    named = {address.address.lower(): address for address in reversed((*message.to, *message.cc)) if address.address}
    named.pop(message.sender.address.lower(), None)
    order = dict.fromkeys(address.address.lower() for address in (*message.to, *message.cc))
    return to, tuple(named[key] for key in order if key in named)


def _addresses(addresses: Sequence[Address]) -> str:
    return ",\n ".join(_address(one) for one in addresses)


def _address(one: Address) -> str:
    address = _one_line(one.address)
    # formataddr refuses what RFC 6532 allows; the person who sends the draft decides.
    return formataddr((_one_line(one.name), address)) if address.isascii() else f"{_one_line(one.name)} <{address}>"


def _reply_subject(subject: str) -> str:
    text = _one_line(subject)
    return text if text.lower().startswith("re:") else f"Re: {text}"


def _one_line(text: str) -> str:
    """A header value can hold no line end, or a mail could write headers of its own into the draft."""
    return " ".join(text.split())


def _body(review: Review) -> Iterator[str]:
    message = review.patch.message
    if message is not None:
        when = f"On {_written(message.date)}, " if message.date is not None else ""
        yield f"{when}{_one_line(message.sender.name or message.sender.address)} wrote:"
    findings = review.findings
    of_message = [finding for finding in findings if not finding.path]
    if of_message:
        yield from quoted_message(review.patch.description, of_message, comment_lines)
        yield ""
    for diff in review.patch.files:
        own = [finding for finding in findings if finding.path == diff.path]
        if own:
            yield from quoted_file(diff, own, comment_lines)
            yield ""
    if not findings:
        yield ""
    yield from read_lines(review)


def _written(seconds: int) -> str:
    """A date as mail writes it, in UTC: nothing of this machine's clock or zone gets into a reply."""
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def comment_lines(finding: Finding) -> list[str]:
    """The comment, the path that shows it, and how sure it is, wrapped."""
    lines = ["", *textwrap.wrap(finding.comment, WIDTH_COLUMNS), ""]
    for step in finding.trace:
        lines.append(f"  {finding.path}:{step.line}: {step.note}")
        lines.append(f"    {step.text.strip()}")
    if finding.trace:
        lines.append("")
    lines += [line for fact in finding.rests_on for line in textwrap.wrap(f"This rests on: {fact}", WIDTH_COLUMNS)]
    lines += textwrap.wrap(f"[{finding.certainty.value}; {finding.origin}]", WIDTH_COLUMNS)
    return [*lines, ""]
