"""What reviewers said about a hunk: the precedents that later reviews look up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lrev.source.mail import is_reply
from lrev.types import Message, ReviewComment

# Of a long quote the lines next to the answer are what it is about; the rest is the patch again.
QUOTE_LINES = 40
# "ok", "Done." and "Agreed!" teach nobody anything.
_MIN_WORDS = 6

_QUOTED = re.compile(r"^> ?")
# Deeper marks are peeled too, so that the hunk is found whoever answers whom.
_MARKS = re.compile(r"^(?:> ?)+")
# git writes i/, w/, c/ and o/ for a/ and b/ under diff.mnemonicPrefix.
_NEW_PATH = re.compile(r"^\+\+\+ (?:[bwico]/)?(\S+)")
_GIT_PATHS = re.compile(r"^diff --git [a-z]/\S+ [a-z]/(\S+)")
# A dash, one space and a word is an item of a list, not a removed line.
_HUNK_LINE = re.compile(r"^(?:@@ -\d|diff --git |\+\+\+ |[+-](?:\t| {2,}|[\w{}/#*])|\+$)")
_TRAILER = re.compile(r"^\s*[A-Z][A-Za-z-]+-(?:by|to)\s*:|^\s*(?:Fixes|Link|Cc|Closes)\s*:", re.IGNORECASE)
_GREETING = re.compile(
    r"^\s*(?:(?:hi|hello|hey|dear)\b[^.?]{0,40}[,!.]?|(?:thanks|thank you|cheers|regards|best regards|kind regards|br)"
    r"\b[^.?]{0,20}[,!.]?|[-*=_]{3,}|\[\s*(?:\.\.\.|snip)\s*\]|<snip>|\.\.\.)\s*$",
    re.IGNORECASE,
)
_NAME_BELOW = re.compile(r"\n\n\s*[^\W\d_]+(?: [^\W\d_]+)?\s*$")
_ATTRIBUTION = re.compile(
    r"^\s*(?:On .{6,200}|.{1,80}) (?:wrote|writes|said):?\s*$|^\s*On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of quoted lines (marks removed) or of the answerer's own."""

    quoted: bool
    lines: tuple[str, ...]


def comments(message: Message) -> tuple[ReviewComment, ...]:
    """Each answer of a person written directly below quoted lines of a diff."""
    if message.bot or not is_reply(message):
        return ()
    return tuple(_comments(message))


def _comments(message: Message) -> Iterator[ReviewComment]:
    path = ""
    quote: tuple[str, ...] = ()
    for block in _blocks(message.body):
        if block.quoted:
            path = _path_in(block.lines) or path
            quote = block.lines
            continue
        if not _is_hunk(quote):
            continue
        text = _own_words(block.lines)
        if text:
            kept = "\n".join(_about(quote))
            yield ReviewComment(message.message_id, message.sender, kept, text, path)
            quote = ()


def _blocks(body: str) -> Iterator[_Block]:
    """Signatures end the mail. Empty lines belong to the block they stand in."""
    quoted, lines = False, list[str]()
    for line in body.split("\n"):
        if line in ("-- ", "--"):
            break
        is_quote = bool(_QUOTED.match(line))
        if is_quote != quoted and (is_quote or line.strip()):
            if lines:
                yield _Block(quoted, tuple(lines))
            quoted, lines = is_quote, []
        lines.append(_MARKS.sub("", line) if is_quote else line)
    if lines:
        yield _Block(quoted, tuple(lines))


def _path_in(lines: tuple[str, ...]) -> str:
    paths = (_NEW_PATH.match(line) or _GIT_PATHS.match(line) for line in reversed(lines))
    return next((found[1] for found in paths if found and found[1] != "/dev/null"), "")


def _is_hunk(lines: tuple[str, ...]) -> bool:
    return any(_HUNK_LINE.match(line) for line in _about(lines))


def _about(lines: tuple[str, ...]) -> tuple[str, ...]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[max(end - QUOTE_LINES, 0) : end]


def _own_words(lines: tuple[str, ...]) -> str:
    """Greetings, attributions and trailers removed; "" when too little is left to learn from."""
    kept = [
        line.rstrip()
        for line in lines
        if not (_GREETING.match(line) or _ATTRIBUTION.match(line) or _TRAILER.match(line))
    ]
    text = _NAME_BELOW.sub("", "\n".join(kept).strip()).strip("\n")
    return text if len(text.split()) >= _MIN_WORDS else ""
