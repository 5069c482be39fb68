"""What people said of earlier versions of the very patch, each comment marked answered or open.

A version is the same sender's, of the same part, by its subject or, where that was reworded, by most of its new lines.
What is doubtful is left out: a comment on another patch shown as one on this is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.errors import InputError
from lrev.indexing.threads import PatchMail, patches_of
from lrev.retrieve.candidate import OPEN, Candidate, Origin
from lrev.retrieve.reasons import SAID_OF_VERSION
from lrev.source.comments import comments
from lrev.source.patch import bare_subject, numbering, parse_patch
from lrev.source.people import is_same
from lrev.types import DiffLineKind, Message, Patch, ReviewComment

if TYPE_CHECKING:
    from lrev.indexing.reader import Index

# Of a reworded patch at least this share of the new lines is the same.
_SAME_LINES = 0.5
_YEAR_SECONDS = 365 * 24 * 3600
_QUOTE_LINES = 6
_TEXT_LINES = 16


@dataclass(frozen=True, slots=True)
class Said:
    """`answered`: the patch's author wrote back to the mail that the comment stands in."""

    version: int
    comment: ReviewComment
    answered: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """Mail of the time `before` (seconds since 1970) or later stays unseen."""

    index: Index
    before: int | None = None

    def candidates(self, patch: Patch) -> Iterator[Candidate]:
        for one in self.said(patch):
            mark = "answered" if one.answered else "open"
            quote = "\n".join(f"> {line}" for line in one.comment.quote.rstrip().split("\n")[-_QUOTE_LINES:])
            text = "\n".join(one.comment.text.split("\n")[:_TEXT_LINES])
            who = one.comment.author.name or one.comment.author.address
            reason = f"{SAID_OF_VERSION} {one.version}, {mark}"
            title = f"{who} on version {one.version} of this patch"
            source, text = one.comment.message_id, f"{quote}\n{text}"
            # Said of this patch by a person and not seen to: nothing else that is retrieved is as near.
            yield Candidate(Origin.VERSIONS, source, title, text, reason, urgency=OPEN if not one.answered else 0)

    def said(self, patch: Patch) -> tuple[Said, ...]:
        """Of the newest version first."""
        found = [one for earlier in self.of(patch) for one in self._of_version(earlier)]
        return tuple(sorted(found, key=lambda one: -one.version))

    def of(self, patch: Patch) -> tuple[Patch, ...]:
        """The earlier versions that the index holds."""
        if patch.message is None:
            return ()
        seen = {patch.message.message_id}
        found = []
        for path in dict.fromkeys(diff.path for diff in patch.files):
            for mail in patches_of(self.index, path):
                if mail.message_id not in seen and self._may_be_version(mail, patch):
                    seen.add(mail.message_id)
                    earlier = self._parsed(mail.message_id)
                    if earlier is not None and _is_version(earlier, patch):
                        found.append(earlier)
        return tuple(sorted(found, key=lambda one: one.message.date or 0 if one.message else 0))

    def _may_be_version(self, mail: PatchMail, patch: Patch) -> bool:
        """Whether it is the same sender's, earlier, and of no later version."""
        if patch.message is None or mail.date is None or patch.message.date is None:
            return False
        is_earlier = 0 < patch.message.date - mail.date < _YEAR_SECONDS
        if not is_earlier or (self.before is not None and mail.date >= self.before):
            return False
        return is_same(mail.sender, patch.message.sender) and numbering(mail.subject)[2] <= patch.version

    def _parsed(self, message_id: str) -> Patch | None:
        message = self.index.message(message_id)
        try:
            return parse_patch(message) if message is not None else None
        except InputError:
            return None

    def _of_version(self, earlier: Patch) -> Iterator[Said]:
        assert earlier.message is not None
        for answer in self.index.messages("in_reply_to", earlier.message.message_id):
            if answer.bot or _is_by_author(answer, earlier) or not self._is_seen(answer):
                continue
            answered = any(
                _is_by_author(one, earlier) and self._is_seen(one)
                for one in self.index.messages("in_reply_to", answer.message_id)
            )
            for comment in comments(answer):
                yield Said(earlier.version, comment, answered)

    def _is_seen(self, message: Message) -> bool:
        return self.before is None or (message.date is not None and message.date < self.before)


def _is_by_author(message: Message, patch: Patch) -> bool:
    """Of who sent it, or who wrote it where somebody else did."""
    assert patch.message is not None
    return is_same(message.sender, patch.message.sender) or is_same(message.sender, patch.author)


def _is_version(earlier: Patch, patch: Patch) -> bool:
    if earlier.message is None or patch.message is None:
        return False
    if numbering(earlier.message.subject)[2] == patch.version and earlier.total != 1 and earlier.part != patch.part:
        return False  # another part of the same series
    old, new = _added(earlier), _added(patch)
    if bare_subject(earlier.subject).casefold() == bare_subject(patch.subject).casefold():
        # Somebody may send two patches called "fix coding style": the same number needs more than the name.
        return earlier.version != patch.version or bool(old & new)
    return bool(old) and bool(new) and len(old & new) >= _SAME_LINES * max(len(old), len(new))


def _added(patch: Patch) -> frozenset[str]:
    """New lines that say something."""
    lines = (line for diff in patch.files for hunk in diff.hunks for line in hunk.lines)
    added = (line.text.strip() for line in lines if line.kind is DiffLineKind.ADDED)
    return frozenset(line for line in added if len(line) > 8)
