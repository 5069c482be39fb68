"""The same diff in an earlier mail of another thread: what was said of it then may still be open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lrev.indexing.reader import Index
from lrev.indexing.threads import same_patch
from lrev.source.markers import upstream_markers
from lrev.source.patch import numbering
from lrev.source.patch_id import patch_id
from lrev.types import Message, Patch, Suspicion

NAME = "sent-before"
MECHANISM = "the same diff was sent before"

_DAY = "%Y-%m-%d"


def check(patch: Patch, index: Index, before: int | None) -> Iterator[Suspicion]:
    """At most one, on the first line of the message, for the newest such mail; by `git patch-id`.

    No mail of `before` (seconds since 1970) or later counts, nor any without a date. That a backport is the same is as
    it should be.
    """
    message = patch.message
    if message is None or upstream_markers(patch.description):
        return
    earlier = sorted(_earlier(message, index, before), key=lambda one: (one.date or 0, one.message_id))
    if earlier:
        yield Suspicion(
            NAME, MECHANISM, "", "", 1, _said(earlier[-1], index, before), (), subject=earlier[-1].message_id
        )


def _earlier(message: Message, index: Index, before: int | None) -> Iterator[Message]:
    own = {message.message_id, *_above(message)}
    own |= {one.message_id for name in own for one in index.thread(name)}
    limit = min((one for one in (message.date, before) if one is not None), default=None)
    identity = patch_id("\n".join((message.body, *message.attachments)))
    for name in same_patch(index, identity) if identity else ():
        one = index.message(name) if name not in own else None
        if one is not None and one.date is not None and (limit is None or one.date < limit) and not own & _above(one):
            yield one


def _above(message: Message) -> set[str]:
    return {message.in_reply_to, *message.references} - {""}


def _said(earlier: Message, index: Index, before: int | None) -> str:
    answers = [
        one
        for one in index.thread(earlier.message_id)
        if earlier.message_id in _above(one)
        and not one.bot
        and one.sender.address.casefold() != earlier.sender.address.casefold()
        and (before is None or (one.date is not None and one.date < before))
    ]
    day = datetime.fromtimestamp(earlier.date or 0, UTC).strftime(_DAY)
    version = numbering(earlier.subject)[2]
    sent = f"the same diff was sent on {day} as <{earlier.message_id}> (version {version})"
    if not answers:
        return f"{sent}; the archive has no answer to it."
    names = ", ".join(dict.fromkeys(one.sender.name or one.sender.address for one in answers))
    return f"{sent}; {names} answered: is what was said then settled?"
