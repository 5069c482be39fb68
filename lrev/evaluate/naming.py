"""What the words of a reviewer name: identifiers, files, CONFIG symbols and documents, told from the text alone.

A name is an identifier that holds a `_`, or stands as `name()`; a path or file name with a suffix of the tree; a
`CONFIG_` symbol; or a document. What a reviewer pasted is not his words: diffs, logs and traces, mail and web
addresses, trailers, the subject of a commit behind its id, and code of more than a few lines. A few lines of code are:
that is how a reviewer says what to call instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

# Longer code was copied from a file rather than written as a suggestion.
_CODE_LINES = 4

_DIFF_LINE = re.compile(r"[+-](?:\t| {2,}|[\w{}/#*])|[+-]$|@@ |(?:diff --git|index [0-9a-f]{7,}|---|\+\+\+) ")
_CODE_LINE = re.compile(r"(?:\t| {4,})\S|.*[;{}]\s*$|#\s*(?:define|include|if|else|endif)|\s*/?\*[ /]|\w+:$")
# Of code that was pasted most lines end so; lists and citations are indented as well.
_SURE_CODE_LINE = re.compile(r".*[;{},:&|]\s*$|\s*(?:#\s*[a-z]|/?\*|return\b|else\b|(?:if|for|while|switch) ?\()")
_SURE_SHARE = 0.5
_LOG_LINE = re.compile(
    r"\s*\[\s*\d+\.\d{3,}\]|.*\+0x[0-9a-f]+/0x|.*:\d+(?::\d+)?: |.*\b(?:Call Trace|BUG|RIP|Oops|Code): "
    r"|\s*(?:[$#%]|\S*[$#]) |\s*(?:WARNING|ERROR|CHECK|warning|error): |\s*make(?:\[\d+\])?: "
    r"|\s*(?:CC|LD|AR|CHECK|HOSTCC|MODPOST|DTC) +\S|\s*[0-9a-f]{4,}[: ] *(?:[0-9a-f]{2,}\s+){4}"
)
_TRAILER = re.compile(
    r"\s*(?:[A-Z][A-Za-z]+-)+(?:by|to|id|[Bb]ase|[Cc]ommit)\s*:|\s*(?:Fixes|Link|Cc|Closes|Subject|From|To|Date)\s*:"
)
_COMMIT_SUBJECT = re.compile(r'\b[0-9a-f]{7,40}\s*\(\s*"[^"]*"\s*\)|\b[0-9a-f]{7,40}\s+"[^"]*"')
_DOCUMENT_PAGE = re.compile(r"https?://(?:www\.)?(?:docs\.)?kernel\.org/(?:doc/html/[\w.-]+/)?([\w/.-]+)\.html\S*")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z+.-]*://\S+|<?[\w.+%=-]+@[\w.-]+>?")

_FILE = re.compile(
    r"(?<![\w./-])((?:[\w.,+-]+/)*(?:[\w,+-][\w.,+-]*\.(?:c|h|S|rs|rst|txt|yaml|dts|dtsi|lds|tbl|json)"
    r"|Kconfig(?:\.[a-z]+)?|Makefile|Kbuild|MAINTAINERS))(?![\w/-])"
)
_DOCUMENT = re.compile(r"(?<![\w./-])(Documentation/[\w./,+-]*\w)")
_CONFIG = re.compile(r"\bCONFIG_(\w+)\b")
# Not the stem of `lamp_*` or LAMP_{ON,OFF}, which names nothing by itself.
_IDENTIFIER = re.compile(r"(?<![\w%$-])([A-Za-z_]\w*)(\s?\(\))?(?![\w*{<]|\.\.\.|-\w)")
# Words of the language and of every machine, which nobody looks up.
_EVERYWHERE = frozenset(
    {"size_t", "ssize_t", "x86_64", *(f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64))}
)
_INNER_UNDERSCORE = re.compile(r"_?[A-Za-z0-9]\w*_\w*[A-Za-z0-9]|__\w*[A-Za-z0-9]")


class NameKind(StrEnum):
    SYMBOL = "symbol"
    CALLED = "called"  # `name()` without an underscore: only as a function may it be known
    FILE = "file"
    CONFIG = "config"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Name:
    """`text` as it was written, a CONFIG symbol without its prefix."""

    kind: NameKind
    text: str


def named(comment: str) -> tuple[Name, ...]:
    """The names in a comment in the order they are met, each once."""
    return tuple(dict.fromkeys(_named("\n".join(own_words(comment)))))


def own_words(comment: str) -> Iterator[str]:
    """The lines of a comment that the reviewer wrote rather than pasted, without addresses and subjects of commits."""
    for block in _blocks(_without_diffs(comment.split("\n"))):
        if not _is_copied(block):
            for line in block:
                if not (_LOG_LINE.match(line) or _TRAILER.match(line)):
                    paged = _DOCUMENT_PAGE.sub(r" Documentation/\1.rst ", line)
                    yield _COMMIT_SUBJECT.sub(" ", _ADDRESS.sub(" ", paged))


def _without_diffs(lines: Iterable[str]) -> Iterator[str]:
    """A pasted diff ends with the first line that is neither changed nor indented, as context is."""
    in_diff = False
    for line in lines:
        in_diff = bool(_DIFF_LINE.match(line)) or (in_diff and line.startswith((" ", "\t")))
        if not in_diff:
            yield line


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Runs of lines that are all code or all prose; empty lines, which both have, are left out."""
    block: list[str] = []
    was_code = False
    for line in filter(str.strip, lines):
        is_code = bool(_CODE_LINE.match(line))
        if block and is_code != was_code:
            yield block
            block = []
        block.append(line)
        was_code = is_code
    if block:
        yield block


def _is_copied(block: list[str]) -> bool:
    if len(block) <= _CODE_LINES or not _CODE_LINE.match(block[0]):
        return False
    return sum(bool(_SURE_CODE_LINE.match(line)) for line in block) >= _SURE_SHARE * len(block)


def _named(text: str) -> Iterator[Name]:
    for kind, pattern in ((NameKind.DOCUMENT, _DOCUMENT), (NameKind.FILE, _FILE), (NameKind.CONFIG, _CONFIG)):
        for found in pattern.finditer(text):
            yield Name(kind, found[1])
        text = pattern.sub(" ", text)
    for found in _IDENTIFIER.finditer(text):
        if found[1] in _EVERYWHERE:
            continue
        if _INNER_UNDERSCORE.fullmatch(found[1]):
            yield Name(NameKind.SYMBOL, found[1])
        elif found[2]:
            yield Name(NameKind.CALLED, found[1])
