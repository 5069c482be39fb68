"""Patches that people reviewed, with what the reviewers named and the patch mail does not: what a pack should hold.

A patch counts when somebody else than its author answered below its hunks, directly, and is no bot. Left out is what
the tree has already, itself or as a later version of the same subject: a pack would find the answer in the code.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from lrev.errors import InputError
from lrev.evaluate.known_names import KnownNames, Words
from lrev.evaluate.leaks import base_of, is_in
from lrev.evaluate.mailbox import Mailbox, Period
from lrev.evaluate.naming import Name, named
from lrev.source.comments import comments
from lrev.source.patch import COVER_PART, numbering, parse_patch
from lrev.source.people import is_same
from lrev.source.tree import Tree
from lrev.types import Address, BaseHow, Message, Patch, ReviewComment

NO_REVIEW, NO_DIFF, BROKEN = "without human inline review", "without a diff", "with a diff that cannot be read"
NO_BASE, IN_TREE, NO_NAMES = "none of its files in the tree", "in the tree already", "no name but those in the mail"


@dataclass(frozen=True, slots=True)
class ReviewedPatch:
    """`names` are absent from the mail and known to the tree. `earlier` are the parts of its series before it.

    `own_thread` are the message-ids of its thread, which no packer may look into. `open_comments` were made on the
    version before, known by author, subject and number, in mails that its author did not answer.
    """

    patch: Patch
    message: Message
    comments: tuple[ReviewComment, ...]
    names: tuple[Name, ...]
    base: BaseHow
    earlier: tuple[Patch, ...]
    own_thread: frozenset[str]
    open_comments: tuple[ReviewComment, ...] = ()


@dataclass(frozen=True, slots=True)
class _Version:
    """A patch, its mail, and what people said of it."""

    patch: Patch
    message: Message
    said: tuple[ReviewComment, ...]


_Answered = list[tuple[Message, tuple[ReviewComment, ...]]]
# By what versions of a patch have in common.
_Versions = dict[tuple[str, str], list[_Version]]


@dataclass(slots=True)
class Selection:
    """Patches to measure on, at most `limit` (0: all), taken in an order that only message-ids decide.

    `left_out` counts by reason what was looked at and not taken.
    """

    mailbox: Mailbox
    tree: Tree
    known: KnownNames
    period: Period
    limit: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    _in_tree: dict[tuple[str, str], bool] = field(default_factory=dict)

    def taken(self, progress: Callable[[int, int], None] = lambda _looked, _all: None) -> tuple[ReviewedPatch, ...]:
        """By date."""
        found: list[ReviewedPatch] = []
        answered = self._answered(progress)
        versions = self._versions(answered)
        for message, said in answered:
            if self.limit and len(found) == self.limit:
                break
            one = self._judged(message, said, versions)
            if isinstance(one, ReviewedPatch):
                found.append(replace(one, open_comments=tuple(self._open(one, versions))))
            else:
                self.left_out[one] += 1
        return tuple(sorted(found, key=lambda one: (one.message.date or 0, one.message.message_id)))

    def _open(self, one: ReviewedPatch, versions: _Versions) -> Iterator[ReviewComment]:
        for version in versions[_subject(one.patch)]:
            is_before = (version.message.date or 0) < (one.message.date or 0)
            if is_before and version.patch.version == one.patch.version - 1:
                said = (comment for comment in version.said if not self._is_answered(comment, version.message.sender))
                yield from said

    def _is_answered(self, comment: ReviewComment, author: Address) -> bool:
        return any(is_same(answer.sender, author) for answer in self.mailbox.answers(comment.message_id))

    def _answered(self, progress: Callable[[int, int], None]) -> _Answered:
        names = sorted(self.mailbox.patches(self.period), key=lambda name: hashlib.sha256(name.encode()).digest())
        found: _Answered = []
        for looked, name in enumerate(names, 1):
            progress(looked, len(names))
            message = self.mailbox.message(name)
            said = tuple(self._said(message)) if message is not None and not message.bot else ()
            if message is not None and said:
                found.append((message, said))
            else:
                self.left_out[NO_REVIEW] += 1
        return found

    def _said(self, message: Message) -> Iterator[ReviewComment]:
        author = _written_author(message)
        for answer in sorted(self.mailbox.answers(message.message_id), key=lambda one: (one.date or 0, one.message_id)):
            if not any(is_same(answer.sender, one) for one in (message.sender, author)):
                yield from comments(answer)

    def _versions(self, answered: _Answered) -> _Versions:
        found: _Versions = {}
        for message, said in answered:
            patch = _parsed(message)
            if isinstance(patch, Patch):
                found.setdefault(_subject(patch), []).append(_Version(patch, message, said))
        return found

    def _judged(self, message: Message, said: tuple[ReviewComment, ...], versions: _Versions) -> ReviewedPatch | str:
        """The patch, or why it is left out."""
        patch = _parsed(message)
        if not isinstance(patch, Patch):
            return patch
        if self._is_in_tree(patch, versions):
            return IN_TREE
        base = base_of(patch, self.tree)
        if base is BaseHow.NONE:
            return NO_BASE
        names = self._names(message, said)
        if not names:
            return NO_NAMES
        thread, earlier = self._around(message)
        return ReviewedPatch(patch, message, said, names, base, earlier, thread)

    def _is_in_tree(self, patch: Patch, versions: _Versions) -> bool:
        subject = _subject(patch)
        if subject not in self._in_tree:
            self._in_tree[subject] = any(is_in(one.patch, self.tree) for one in versions[subject])
        return self._in_tree[subject]

    def _above(self, message: Message) -> Message | None:
        return self.mailbox.message(message.in_reply_to) if message.in_reply_to else None

    def _names(self, message: Message, said: tuple[ReviewComment, ...]) -> tuple[Name, ...]:
        in_mail = Words((message.subject, message.body, *message.attachments))
        found = dict.fromkeys(name for comment in said for name in named(comment.text))
        known = dict.fromkeys(self.known.known(name) for name in found if name not in in_mail)
        return tuple(name for name in known if name is not None and name not in in_mail)

    def _around(self, message: Message) -> tuple[frozenset[str], tuple[Patch, ...]]:
        """The thread of this version, and the parts before it."""
        above = self.mailbox.message(message.in_reply_to) if message.in_reply_to else None
        version = numbering(message.subject)[2]
        of_this = above is not None and numbering(above.subject)[2] == version and is_same(above.sender, message.sender)
        top = above if above is not None and of_this else message
        thread = {one.message_id: one for one in _below(self.mailbox, top)}
        part, total, _ = numbering(message.subject)
        before: dict[int, Patch] = {}
        for one in thread.values():
            at = numbering(one.subject)
            if at[1:] == (total, version) and COVER_PART < at[0] < part and is_same(one.sender, message.sender):
                patch = _parsed(one)
                if isinstance(patch, Patch):
                    before.setdefault(at[0], patch)
        return frozenset(thread), tuple(before[at] for at in sorted(before))


def _below(mailbox: Mailbox, top: Message) -> Iterator[Message]:
    """`top` and all that answers it, however deep."""
    seen: set[str] = set()
    waiting = [top]
    while waiting:
        one = waiting.pop()
        if one.message_id not in seen:
            seen.add(one.message_id)
            yield one
            waiting += mailbox.answers(one.message_id)


def _parsed(message: Message) -> Patch | str:
    """The patch, or why there is none."""
    try:
        patch = parse_patch(message)
    except InputError:
        return BROKEN
    return patch if patch is not None else NO_DIFF


def _subject(patch: Patch) -> tuple[str, str]:
    """What the versions of a patch have in common."""
    return patch.subject.casefold(), patch.author.address.casefold()


def _written_author(message: Message) -> Address:
    patch = _parsed(message)
    return patch.author if isinstance(patch, Patch) else message.sender
