"""The same diff in an earlier mail of another thread: from somebody else, or with comments that the diff passes over.

A third of all patches are sent again as they were, with a new version of their series: that alone says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from lrev.indexing.reader import Index
from lrev.indexing.threads import same_patch
from lrev.source.comments import comments
from lrev.source.markers import upstream_markers
from lrev.source.patch import numbering
from lrev.source.patch_id import patch_id
from lrev.types import Address, Message, Patch, Suspicion

NAME = "sent-before"
MECHANISM = "the same diff was sent before"

_DAY = "%Y-%m-%d"
# Who gives a tag or takes the patch has said what was to be said.
_CONTENT = re.compile(
    r"^\s*(?:(?:reviewed|acked|tested)-by:|(?:applied|queued|merged|picked)\b)", re.IGNORECASE | re.MULTILINE
)


def check(patch: Patch, index: Index, before: int | None) -> Iterator[Suspicion]:
    """At most one, on the first line of the message, for the newest such mail; the same by `git patch-id`.

    No mail of `before` (seconds since 1970) or later counts, nor any without a date. That a backport is the same is as
    it should be.
    """
    message = patch.message
    if message is None or upstream_markers(patch.description):
        return
    earlier = sorted(_earlier(message, index, before), key=lambda one: (one.date or 0, one.message_id), reverse=True)
    for one in earlier:
        text = _from_another(patch, one) or _passed_over(patch, one, index, before)
        if text:
            yield Suspicion(NAME, MECHANISM, "", "", 1, text, (), subject=one.message_id)
            return


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


def _from_another(patch: Patch, earlier: Message) -> str:
    """Not where one of the two forwards the other, or signed it off."""
    people = [patch.author, *([patch.message.sender] if patch.message is not None else [])]
    if any(_same(earlier.sender, one) for one in people) or _names(patch.description, earlier.sender):
        return ""
    if any(_names(earlier.body, one) for one in people):
        return ""
    return f"{_shown(earlier.sender)} sent the same diff {_when(earlier)}."


def _passed_over(patch: Patch, earlier: Message, index: Index, before: int | None) -> str:
    """Comments on the diff by people who have not been content with it since."""
    answers = [
        one
        for one in _below(earlier, index)
        if not _same(one.sender, earlier.sender) and (before is None or (one.date is not None and one.date < before))
    ]
    content = [one.sender for one in answers if _CONTENT.search(one.body)]
    open_ones = [
        one.sender
        for one in answers
        if comments(one)
        and not any(_same(one.sender, other) for other in content)
        and not _names(patch.description, one.sender)
    ]
    if not open_ones:
        return ""
    names = ", ".join(dict.fromkeys(map(_shown, open_ones)))
    return f"the same diff was sent {_when(earlier)}, and {names} commented on it: is that settled?"


def _below(message: Message, index: Index) -> Iterator[Message]:
    """What answers it, and what answers that; a thread also holds the other patches of a series."""
    known = {message.message_id}
    for one in index.thread(message.message_id):
        if known & _above(one):
            known.add(one.message_id)
            yield one


def _when(earlier: Message) -> str:
    day = datetime.fromtimestamp(earlier.date or 0, UTC).strftime(_DAY)
    return f"on {day} as <{earlier.message_id}> (version {numbering(earlier.subject)[2]})"


def _names(text: str, person: Address) -> bool:
    """As an author or in a trailer: by address."""
    return bool(person.address) and f"<{person.address.casefold()}>" in text.casefold()


def _same(one: Address, other: Address) -> bool:
    """People write from several addresses."""
    if one.address.casefold() == other.address.casefold():
        return True
    return bool(one.name) and one.name.casefold() == other.name.casefold()


def _shown(person: Address) -> str:
    return person.name or person.address
