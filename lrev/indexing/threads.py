"""The thread that a message belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrev.types import Message

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
