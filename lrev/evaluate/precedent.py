"""Whether what was said of the version before stands in a pack, and whether anything else is shown as said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lrev.errors import InputError
from lrev.evaluate.mailbox import Mailbox
from lrev.evaluate.reviewed_patches import ReviewedPatch, is_same
from lrev.retrieve.reasons import SAID_OF_VERSION, kind_of
from lrev.source.patch import bare_subject, parse_patch
from lrev.types import Message, Passage


@dataclass(frozen=True, slots=True)
class Precedent:
    """Of one patch: its open comments on version n-1, those of them in the pack, and message-ids of comments that the
    pack shows as said of an earlier version: `foreign` ones are of a patch by another author or to other files, and
    `reworded` of one whose subject was another.
    """

    open_comments: int
    shown: int
    foreign: tuple[str, ...]
    reworded: tuple[str, ...]


def precedent(one: ReviewedPatch, passages: Sequence[Passage], mailbox: Mailbox) -> Precedent:
    said = [passage for passage in passages if kind_of(passage.reason) == SAID_OF_VERSION]
    shown = sum(
        any(passage.source == comment.message_id and comment.text.split("\n")[0] in passage.text for passage in said)
        for comment in one.open_comments
    )
    foreign, reworded = [], []
    for source in dict.fromkeys(passage.source for passage in said):
        parent = _answered(source, mailbox)
        if parent is None or not _is_of(parent, one):
            foreign.append(source)
        elif bare_subject(parent.subject).casefold() != bare_subject(one.message.subject).casefold():
            reworded.append(source)
    return Precedent(len(one.open_comments), shown, tuple(foreign), tuple(reworded))


def _answered(message_id: str, mailbox: Mailbox) -> Message | None:
    answer = mailbox.message(message_id)
    return mailbox.message(answer.in_reply_to) if answer is not None else None


def _is_of(parent: Message, one: ReviewedPatch) -> bool:
    """Whether a patch mail is the same author's and changes one of the same files."""
    if not is_same(parent.sender, one.message.sender):
        return False
    try:
        patch = parse_patch(parent)
    except InputError:
        return False
    files = {diff.path for diff in one.patch.files}
    return patch is not None and any(diff.path in files for diff in patch.files)
