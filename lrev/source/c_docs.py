"""What kernel-doc comments say of a function: its Return and Context, what it releases, and what its caller must."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.source.c_tree import ParsedC, function_name_node
from lrev.types import Fact, FactKind, FactOrigin

_DOC = re.compile(rb"/\*\*[ \t]*\n(?P<body>.*?)\*/", re.DOTALL)
_DOC_NAME = re.compile(r"^\s*\*?\s*([A-Za-z_]\w*)(?:\(\))?\s*(?:-|:|$)")
_DOC_SECTION = re.compile(r"^\s*\*\s*(Returns?|Context|Locking)\s*:\s*(.*)$", re.IGNORECASE)
_DOC_OTHER = re.compile(r"^\s*\*\s*(?:@\w+\s*:|[A-Z][\w ]{2,20}:(?:\s|$))")
_DOC_PARAMETER = re.compile(r"^\s*\*\s*@(\w+)\s*:")
_RELEASE = r"(\w*(?:put|free|release|unref|drop|close)\w*)\s?\(\)"
_DROPS_ARGUMENT = re.compile(_RELEASE + r" (?:will be|is) called on @(\w+)")
_GIVES_REFERENCE = re.compile(
    r"(?:refcount(?: is)? incremented|reference(?: count)?(?: is)? (?:taken|incremented|held)|[Uu]se |"
    r"must (?:be )?(?:put|dropped|released?|freed?|call)|(?:should|needs to) be (?:put|dropped|released|freed))"
    r"[^.]{0,80}?\b" + _RELEASE
)
# A sentence or two; what follows is usually a list of every error.
MAX_DETAIL_CHARACTERS = 300


def documented(parsed: ParsedC, blob: str) -> Iterator[Fact]:
    known = {
        parsed.text(name): b"*" in parsed.data[node.start_byte : name.start_byte]
        for node in parsed.functions
        if (name := function_name_node(node)) is not None
    }
    for comment in _DOC.finditer(parsed.data):
        first = parsed.line(comment.start()) + 1
        lines = comment["body"].decode("utf-8", "replace").split("\n")
        named = _DOC_NAME.match(lines[0])
        documented = named is not None and (named[1] in known or "()" in lines[0] or "-" in lines[0])
        if named is not None and documented:
            yield from _sections(lines, named[1], blob, first)
            yield from _ownership(lines, named[1], blob, first, known.get(named[1], False))


def _ownership(lines: list[str], function: str, blob: str, first: int, gives_pointer: bool) -> Iterator[Fact]:
    """What the comment says of references, by the function that drops them."""
    text = " ".join(line.strip(" *\t") for line in lines)
    dropped = _DROPS_ARGUMENT.search(text)
    parameters = [found[1] for line in lines if (found := _DOC_PARAMETER.match(line))]
    if dropped and dropped[2] in parameters:
        detail = f"{parameters.index(dropped[2]) + 1}, by {dropped[1]}"
        yield Fact(function, FactKind.PUTS_ARGUMENT, detail, FactOrigin.DECLARED, blob, first)
    given = _GIVES_REFERENCE.search(text) if gives_pointer else None
    if given:
        yield Fact(function, FactKind.RETURNS_REFERENCE, f"to put with {given[1]}", FactOrigin.DECLARED, blob, first)


def _sections(lines: list[str], function: str, blob: str, first: int) -> Iterator[Fact]:
    at = 0
    while at < len(lines):
        section = _DOC_SECTION.match(lines[at])
        start = at
        at += 1
        if section is None:
            continue
        words = [section[2]]
        while at < len(lines) and lines[at].strip(" *\t") and not _DOC_OTHER.match(lines[at]):
            words.append(lines[at].strip(" *\t"))
            at += 1
        kind = FactKind.DOC_RETURN if section[1].lower().startswith("return") else FactKind.DOC_CONTEXT
        detail = " ".join(" ".join(words).split())[:MAX_DETAIL_CHARACTERS]
        if detail:
            yield Fact(function, kind, detail, FactOrigin.DECLARED, blob, first + start)
