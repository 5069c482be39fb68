"""Whether what was said of the version before stands in a pack, and whether anything else is shown as said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lrev.errors import InputError
from lrev.evaluate.reviewed_patches import ReviewedPatch
from lrev.retrieve.reasons import SAID_OF_VERSION, kind_of
from lrev.source.patch import bare_subject, parse_patch
from lrev.source.people import is_same
from lrev.types import DiffLineKind, Message, Passage, Patch

_TELLING_CHARACTERS = 12

Read = Callable[[str], Message | None]


@dataclass(frozen=True, slots=True)
class Precedent:
    """Of one patch: its open comments on version n-1, those of them in the pack, and message-ids of comments that the
    pack shows as said of an earlier version: `foreign` ones are of another patch, by its author, files and lines, and
    `reworded` of one whose subject was another.
    """

    open_comments: int
    shown: int
    foreign: tuple[str, ...]
    reworded: tuple[str, ...]


def precedent(one: ReviewedPatch, passages: Sequence[Passage], read: Read) -> Precedent:
    """`read` gives mails by message-id."""
    said = [passage for passage in passages if kind_of(passage.reason) == SAID_OF_VERSION]
    shown = sum(
        any(passage.source == comment.message_id and comment.text.split("\n")[0] in passage.text for passage in said)
        for comment in one.open_comments
    )
    foreign, reworded = [], []
    for source in dict.fromkeys(passage.source for passage in said):
        parent = _answered(source, read)
        if parent is None or not _is_of(parent, one):
            foreign.append(source)
        elif not _has_subject_of(parent, one):
            reworded.append(source)
    return Precedent(len(one.open_comments), shown, tuple(foreign), tuple(reworded))


def _answered(message_id: str, read: Read) -> Message | None:
    answer = read(message_id)
    return read(answer.in_reply_to) if answer is not None else None


def _is_of(parent: Message, one: ReviewedPatch) -> bool:
    """Whether a patch mail is the same author's and changes one of the same files; under another subject, or with the
    same version number, it also has to have a changed line in common.
    """
    if not is_same(parent.sender, one.message.sender):
        return False
    try:
        patch = parse_patch(parent)
    except InputError:
        return False
    if patch is None or not {diff.path for diff in patch.files} & {diff.path for diff in one.patch.files}:
        return False
    is_next = patch.version != one.patch.version and _has_subject_of(parent, one)
    return is_next or bool(_changed(patch) & _changed(one.patch))


def _has_subject_of(parent: Message, one: ReviewedPatch) -> bool:
    return bare_subject(parent.subject).casefold() == bare_subject(one.message.subject).casefold()


def _changed(patch: Patch) -> frozenset[str]:
    """Lines that say something, in whatever file: drivers move between versions."""
    return frozenset(
        line.text.strip()
        for diff in patch.files
        for hunk in diff.hunks
        for line in hunk.lines
        if line.kind is not DiffLineKind.CONTEXT and len(line.text.strip()) >= _TELLING_CHARACTERS
    )
