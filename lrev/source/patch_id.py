"""The id of a diff that line numbers and white space do not change, as `git patch-id --stable` gives it."""

from __future__ import annotations

import hashlib
import re

_HUNK = re.compile(r"@@ -\d+(?:,(\d{1,9}))? \+\d+(?:,(\d{1,9}))?")
_INDEX = re.compile(r"index ([0-9a-f]+)\.\.([0-9a-f]+)")
_FIRST = re.compile(r"^diff ", re.MULTILINE)
_WHITE = b" \t\n\v\f\r"
# `\ No newline at end of file`, which is no line of the file.
_NO_NEWLINE = re.compile(r"\\ .{10}")
_ID_BYTES = 20


def patch_id(text: str) -> str:
    """40 hex digits of the first diff in `text`, which may be a whole mail; "" when there is none.

    Source: builtin/patch-id.c of git. Each file is hashed by itself and the hashes are added, so that their order
    does not matter.
    """
    reading = _Reading()
    start = _FIRST.search(text)
    for line in text[start.start() :].split("\n") if start else ():
        if not reading.take(line):
            break
    return reading.result()


class _Reading:
    """Lines still expected of the hunk's two sides; -1 for both in the header of a file."""

    def __init__(self) -> None:
        self._before = self._after = -1
        self._binary = False
        self._blobs = ("", "")
        self._sum = 0
        self._lines: list[str] = []
        self._has_any = False

    def result(self) -> str:
        if not (self._lines or self._has_any):
            return ""
        self._flush()
        return self._sum.to_bytes(_ID_BYTES, "little").hex()

    def take(self, line: str) -> bool:
        """False behind the end of the diff."""
        if line[:1] == "\\" and _NO_NEWLINE.match(line):
            return True
        if self._before > 0 or self._after > 0:
            self._add(line)
            return True
        if self._before == -1:
            done = self._header(line)
            if done is not None:
                return done
        if self._binary:
            if line.startswith("diff "):
                self._binary = False
                self._before = -1
            return True
        if self._before == self._after == 0:
            if line.startswith("@@ -"):
                return self._hunk(line)
            if not line.startswith("diff "):
                return False
            self._flush()
            self._before = self._after = -1
        self._add(line)
        return True

    def _header(self, line: str) -> bool | None:
        """Whether to go on, None to hash the line as well."""
        if line.startswith(("GIT binary patch", "Binary files")):
            self._binary, self._before = True, 0
            self._lines.append("".join(self._blobs))
            self._flush()
            return True
        index = _INDEX.match(line)
        if index:
            self._blobs = index[1], index[2]
            return True
        if line.startswith("--- "):
            self._before = self._after = 1
            return None
        return None if line[:1].isalpha() else False

    def _hunk(self, line: str) -> bool:
        counts = _HUNK.match(line)
        if counts is None:
            return False
        self._before, self._after = (int(count) if count else 1 for count in counts.groups())
        return True

    def _add(self, line: str) -> None:
        if self._before != -1:
            self._before -= line[:1] in {"-", " "}
            self._after -= line[:1] in {"+", " "}
        self._lines.append(line)

    def _flush(self) -> None:
        text = "".join(self._lines).encode("utf-8", "surrogateescape").translate(None, _WHITE)
        digest = hashlib.sha1(text, usedforsecurity=False).digest()
        self._sum = (self._sum + int.from_bytes(digest, "little")) % (1 << 8 * _ID_BYTES)
        self._has_any = self._has_any or bool(text)
        self._lines = []
