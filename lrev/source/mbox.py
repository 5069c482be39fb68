"""Splitting an mbox without holding more of it than one mail, and of that no more than is read of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

# `From ` begins a mail only with an address or word and a date after it: mboxo files hold unquoted `From ` in bodies.
_FROM_LINE = re.compile(rb"From \S+.*\d\d:\d\d.*\d{4}|From \S+@\S+|From mboxrd@z")
# mboxrd adds one `>` to every `>*From `, mboxo only to `From `; taking one away is right for both but for a rare case.
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE_BYTES = 1 << 20


def split(stream: BinaryIO, keep_bytes: int) -> Iterator[tuple[int, bytes]]:
    """(line number of its start, mail); of each mail the first `keep_bytes`. A stream without `From ` is one mail."""
    lines: list[bytes] = []
    kept = number = 0
    start, is_mbox, after_empty = 1, False, True
    while line := stream.readline(_LINE_BYTES):
        number += 1
        if after_empty and _FROM_LINE.match(line):
            if lines:
                yield start, _joined(lines, is_mbox)
            lines, kept, start, is_mbox = [], 0, number, True
        elif kept < keep_bytes:
            lines.append(line)
            kept += len(line)
        after_empty = line in (b"\n", b"\r\n")
    if lines:
        yield start, _joined(lines, is_mbox)


def _joined(lines: list[bytes], is_mbox: bool) -> bytes:
    data = b"".join(lines)
    if not is_mbox:
        return data
    # The empty line before the next `From ` belongs to the mbox, not to the mail.
    return _QUOTED_FROM.sub(rb"\1", data.removesuffix(b"\n") if data.endswith(b"\n\n") else data)
