"""The thread that a message belongs to, and the mails that carry the same patch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.source.tree import is_text
from lrev.types import Address, Message

if TYPE_CHECKING:
    from lrev.indexing.reader import Index


def thread(index: Index, message_id: str) -> tuple[Message, ...]:
    """All indexed messages of the thread by date; () when the message is not indexed."""
    known = index.message(message_id)
    if known is None:
        return ()
    found = {known.message_id: known}
    waiting = [known.message_id, *known.references, known.in_reply_to]
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one and one not in seen:
            seen.add(one)
            for column in ("message_id", "in_reply_to", "root"):
                fresh = [message for message in index.messages(column, one) if message.message_id not in found]
                found |= {message.message_id: message for message in fresh}
                waiting += [name for message in fresh for name in (message.message_id, message.in_reply_to)]
    return tuple(sorted(found.values(), key=lambda message: (message.date or 0, message.message_id)))


@dataclass(frozen=True, slots=True)
class Reply:
    """A message of a thread and how deep it stands below the first."""

    message: Message
    depth: int


def replies(messages: Sequence[Message]) -> Iterator[Reply]:
    """The thread as a tree, in the order it would be read: each answer below what it answers, by date.

    A message whose parent is not there stands below the nearest of its references that is.
    """
    known = {message.message_id: message for message in messages}
    below: dict[str, list[Message]] = {}
    for message in messages:
        above = [one for one in (message.in_reply_to, *reversed(message.references)) if one in known]
        parent = next((one for one in above if one != message.message_id), "")
        below.setdefault(parent, []).append(message)
    told: set[str] = set()
    waiting = [Reply(message, 0) for message in reversed(below.get("", []))]
    # Mails that name each other as parents hang below nothing; they come at the end.
    left = list(messages)
    while waiting or left:
        if not waiting:
            waiting.append(Reply(left.pop(0), 0))
        reply = waiting.pop()
        if reply.message.message_id in told:
            continue
        told.add(reply.message.message_id)
        yield reply
        answers = below.get(reply.message.message_id, [])
        waiting += [Reply(message, reply.depth + 1) for message in reversed(answers)]


@dataclass(frozen=True, slots=True)
class PatchMail:
    """The head of a patch mail; `date` as in Message."""

    message_id: str
    subject: str
    sender: Address
    date: int | None


def patches_of(index: Index, path: str) -> tuple[PatchMail, ...]:
    """The patch mails that touch a file, each once."""
    if not is_text(path):
        return ()  # no name of a file that is indexed
    rows = (row for segment in index.segments for row in segment.patches_of(path))
    found = (
        PatchMail(message_id, subject, Address(name, address), date)
        for blob, message_id, subject, name, address, date in rows
        if blob not in index.removed
    )
    return tuple({one.message_id: one for one in found}.values())


def patches_between(index: Index, since: int, until: int) -> Iterator[str]:
    """Message-ids of the patch mails of this time (seconds since 1970 UTC), `until` not part of it."""
    rows = (row for segment in index.segments for row in segment.patches_between(since, until))
    return iter(dict.fromkeys(message_id for blob, message_id in rows if blob not in index.removed))


def same_patch(index: Index, patch_id: str) -> tuple[str, ...]:
    """Message-ids of the mails whose diff has this `git patch-id --stable`, by date within each segment."""
    rows = (row for segment in index.segments for row in segment.mails_of(patch_id))
    return tuple(dict.fromkeys(message_id for blob, message_id in rows if blob not in index.removed))
