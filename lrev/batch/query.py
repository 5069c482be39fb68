"""Which of the patches of an archive become jobs: `since:yesterday list:linux-mm`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from lrev.errors import UsageError
from lrev.types import Message, Patch, Series

KEYS = ("since", "until", "list", "subject", "from")
_AGO = re.compile(r"(\d{1,4})(hour|day|week)s?")
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_HOUR_SECONDS = 3600
_UNIT_SECONDS = {"hour": _HOUR_SECONDS, "day": 24 * _HOUR_SECONDS, "week": 7 * 24 * _HOUR_SECONDS}


@dataclass(frozen=True, slots=True)
class Query:
    """Times are seconds since 1970, `until` excluded; words are in small letters, and each list holds alternatives."""

    since: int | None = None
    until: int | None = None
    lists: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()

    def takes(self, series: Series) -> bool:
        """A series of which one mail is in time, on a list, of a subject and of a sender; patches without mail have no
        time and no list.
        """
        mails = [one.message for one in series.patches if one.message is not None]
        mails += [series.cover] if series.cover is not None else []
        return self._in_time(mails) and self._is_on_list(mails) and self._is_named(series) and self._is_from(series)

    def _in_time(self, mails: Sequence[Message]) -> bool:
        dates = [mail.date for mail in mails if mail.date is not None]
        if self.since is None and self.until is None:
            return True
        return any((self.since or 0) <= date and (self.until is None or date < self.until) for date in dates)

    def _is_on_list(self, mails: Iterable[Message]) -> bool:
        addresses = (one.address for mail in mails for one in chain(mail.to, mail.cc))
        return not self.lists or any(_list_name(one) in self.lists or one.lower() in self.lists for one in addresses)

    def _is_named(self, series: Series) -> bool:
        subjects = [one.subject for one in series.patches] + ([series.cover.subject] if series.cover else [])
        return not self.subjects or any(word in one.lower() for one in subjects for word in self.subjects)

    def _is_from(self, series: Series) -> bool:
        return not self.senders or any(word in one for one in map(_sender, series.patches) for word in self.senders)


def parse_query(words: Sequence[str], now: float) -> Query:
    """Words such as `list:linux-mm`; the same key twice means either, times are of this machine's time zone.

    Raises UsageError.
    """
    found: dict[str, list[str]] = {key: [] for key in KEYS}
    for word in words:
        key, _, value = word.partition(":")
        if not value:
            raise UsageError(f"'{word}' lacks a value", f"write it as {key}:VALUE")
        found[key].append(value)
    times = {key: _time(found[key][-1], now) if found[key] else None for key in ("since", "until")}
    lists, subjects, senders = (tuple(one.lower() for one in found[key]) for key in ("list", "subject", "from"))
    return Query(times["since"], times["until"], lists, subjects, senders)


def is_query_word(word: str) -> bool:
    return word.partition(":")[0] in KEYS and ":" in word


def _time(text: str, now: float) -> int:
    if ago := _AGO.fullmatch(text):
        return int(now) - int(ago[1]) * _UNIT_SECONDS[ago[2]]
    if text in ("today", "yesterday"):
        day = time.localtime(now)
        return _midnight(day.tm_year, day.tm_mon, day.tm_mday - (text == "yesterday"))
    if day_of := _DAY.fullmatch(text):
        return _midnight(*map(int, day_of.groups()))
    raise UsageError(f"'{text}' is not a time", "write it as yesterday, today, 3days, 12hours or 2024-05-31")


def _midnight(year: int, month: int, day: int) -> int:
    """mktime(3) takes the day 0 of a month for the last of the one before."""
    return int(time.mktime((year, month, day, 0, 0, 0, 0, 0, -1)))


def _list_name(address: str) -> str:
    return address.partition("@")[0].lower()


def _sender(patch: Patch) -> str:
    named = [patch.author] + ([patch.message.sender] if patch.message is not None else [])
    return " ".join(f"{one.name} <{one.address}>" for one in named).lower()
