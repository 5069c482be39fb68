"""The text of a mail's headers and parts: character sets as declared or as they turn out, and flowed paragraphs."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header

_FOLD = re.compile(r"\r?\n[ \t]*")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_DIFF_START = re.compile(r"^(?:diff --git |--- (?:a/|/dev/null)|Index: |@@ -\d)")


def tidy(text: str) -> str:
    """NUL and lone surrogates (UTF-7 can make them) cannot be stored as text; they become the replacement sign."""
    if text.isascii() and "\0" not in text:
        return text
    return _NOT_TEXT.sub("\ufffd", text)


def decode_bytes(data: bytes, charset: str = "") -> str:
    """As declared if that works, else UTF-8, else Latin-1, which takes anything."""
    if not charset and data.isascii() and b"\0" not in data:
        return data.decode("ascii")
    for name in (charset, "utf-8"):
        if name:
            try:
                return tidy(data.decode(name))
            except (LookupError, ValueError):
                continue
    return tidy(data.decode("latin-1"))


def decode_header_text(value: str) -> str:
    """RFC 2047 words decoded, folds and control characters made spaces. `value` may hold raw bytes as surrogates."""
    unfolded = _FOLD.sub(" ", decode_bytes(value.encode("utf-8", "surrogateescape")))
    if "=?" in unfolded:
        try:
            words = decode_header(unfolded)
        except (HeaderParseError, ValueError):
            words = [(unfolded, None)]
        unfolded = "".join(_word(text, charset) for text, charset in words)
    return re.sub(r"[\x00-\x1f\x7f]+", " ", unfolded)


def _word(text: str | bytes, charset: str | None) -> str:
    """`decode_header` gives text, or bytes in `charset`; bytes without one are its escaped form of plain text."""
    if isinstance(text, str):
        return text
    return decode_bytes(text, charset) if charset else decode_bytes(text, "raw-unicode-escape")


def unflow(text: str, *, delete_space: bool = False) -> str:
    """RFC 3676 paragraphs joined. Quoted lines and everything from the first line of a diff on stay as they are."""
    out: list[str] = []
    joining = False
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _DIFF_START.match(line):
            return "\n".join(out + lines[number:])
        if line.startswith(">"):
            out.append(line)
            joining = False
            continue
        plain = line.removeprefix(" ")
        if joining:
            out[-1] += plain
        else:
            out.append(plain)
        joining = plain.endswith(" ") and plain != "-- "
        if joining and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)
