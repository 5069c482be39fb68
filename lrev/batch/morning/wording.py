"""Numbers, times and text from outside, as the morning page and its letter write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from lrev.log import escape

_MINUTE_SECONDS = 60
_HOUR_SECONDS = 3600
_CUT = " [...]"
# A line that git, b4 or a person could take for a review that was given.
_REVIEW_TAG = re.compile(r"^\s*(?:Reviewed|Acked|Tested)-by\s*:", re.IGNORECASE | re.MULTILINE)


def one_line(text: str, most_characters: int) -> str:
    """Text from outside on one line, its control characters visible, cut where it is longer."""
    return clipped(" ".join(escape(text).split()), most_characters)


def clipped(text: str, most_characters: int) -> str:
    return text if len(text) <= most_characters else text[: most_characters - len(_CUT)].rstrip() + _CUT


def no_tag(text: str) -> str:
    """`text` with a mark before each line that would read as a review tag, as text from outside can have one."""
    return _REVIEW_TAG.sub(lambda found: f"| {found[0].lstrip()}", text)


def when(seconds: int) -> str:
    """In UTC, and says so: as with a reply, nothing of this machine's zone gets into what is written."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def duration(seconds: float) -> str:
    """The two largest units; below a minute with a tenth of a second."""
    if seconds < _MINUTE_SECONDS - 0.05:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR_SECONDS:
        return f"{whole // _MINUTE_SECONDS} min {whole % _MINUTE_SECONDS:02} s"
    return f"{whole // _HOUR_SECONDS} h {whole % _HOUR_SECONDS // _MINUTE_SECONDS:02} min"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 patch`, `1,200 patches`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
