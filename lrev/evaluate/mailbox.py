"""Patches that people answered, from an index or from archives: what both know of mail, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lrev.errors import InputError
from lrev.indexing.reader import Index
from lrev.indexing.threads import patches_between
from lrev.source.inbox import read
from lrev.source.mail import is_reply, parse
from lrev.source.patch import is_patch_subject
from lrev.types import Message


@dataclass(frozen=True, slots=True)
class Period:
    """Seconds since 1970 UTC: `since` is part of it, `until` is not."""

    since: int
    until: int

    def __contains__(self, date: int | None) -> bool:
        return date is not None and self.since <= date < self.until


class Mailbox(Protocol):
    def patches(self, period: Period) -> Iterator[str]:
        """Message-ids of the mails sent in this time that may hold a patch, in no order to rely on."""
        ...

    def message(self, message_id: str) -> Message | None: ...

    def answers(self, message_id: str) -> tuple[Message, ...]:
        """What answers it directly."""
        ...


@dataclass(frozen=True, slots=True)
class IndexedMail:
    """Mail of an index."""

    index: Index

    def patches(self, period: Period) -> Iterator[str]:
        return patches_between(self.index, period.since, period.until)

    def message(self, message_id: str) -> Message | None:
        return self.index.message(message_id)

    def answers(self, message_id: str) -> tuple[Message, ...]:
        found = {one.message_id: one for one in self.index.messages("in_reply_to", message_id)}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ArchivedMail:
    """Mail of archives, read whole into memory by `of`."""

    messages: dict[str, Message] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, archives: Iterable[Path], progress: Callable[[int], None] = lambda _: None) -> ArchivedMail:
        """Mail that cannot be read is passed over. Raises InputError for what is no archive."""
        mailbox = cls()
        for archive in archives:
            for raw in read(archive):
                try:
                    mailbox.add(parse(raw.data))
                except InputError:
                    continue
                progress(len(mailbox.messages))
        return mailbox

    def add(self, message: Message) -> None:
        if message.message_id not in self.messages:
            self.messages[message.message_id] = message
            self.below.setdefault(message.in_reply_to, []).append(message.message_id)

    def patches(self, period: Period) -> Iterator[str]:
        for message in self.messages.values():
            if message.date in period and is_patch_subject(message.subject) and not is_reply(message):
                yield message.message_id

    def message(self, message_id: str) -> Message | None:
        return self.messages.get(message_id)

    def answers(self, message_id: str) -> tuple[Message, ...]:
        return tuple(self.messages[one] for one in self.below.get(message_id, ()))
