"""What a change relies on besides functions: the members of structs that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.definitions import TYPES, Definitions
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import Subject
from lrev.types import SymbolKind

if TYPE_CHECKING:
    from lrev.indexing.found import Definition
    from lrev.indexing.reader import Index

_TAG = re.compile(r"\b(?:struct|union)\s+([A-Za-z_]\w{2,})")
_MEMBER = re.compile(r"(?:->|\.)\s*([A-Za-z_]\w*)")
_MOST_TYPES = 12
# A struct of more lines is shown by the members that are used.
_WHOLE_LINES = 16


@dataclass(frozen=True, slots=True)
class Members:
    """In one index, and the files as a series leaves them."""

    index: Index
    seen: Seen
    definitions: Definitions

    def candidates(self, subject: Subject) -> Iterator[Candidate]:
        if subject.is_c:
            yield from self._types(subject)

    def _types(self, subject: Subject) -> Iterator[Candidate]:
        around = "\n".join((subject.changed_text, *(one.text for one in subject.functions)))
        used = frozenset(_MEMBER.findall(around))
        for tag in list(dict.fromkeys(_TAG.findall(around)))[:_MOST_TYPES]:
            for found in self.definitions.of(tag, TYPES, subject.path)[:1]:
                text = self._members(found, used)
                if text and not subject.added.issuperset(range(found.symbol.span.start, found.symbol.span.end + 1)):
                    title = f"struct {tag}" if found.symbol.kind is SymbolKind.STRUCT else f"union {tag}"
                    yield Candidate(Origin.TYPES, found.source, title, text, "a type that the change uses")

    def _members(self, found: Definition, used: frozenset[str]) -> str:
        """The whole of a short one; of a long one its first line and the members that are used."""
        span = found.symbol.span
        lines = self.seen.lines(found.path)[span.start - 1 : span.end]
        if len(lines) <= _WHOLE_LINES:
            return "\n".join(lines)
        kept = [line for line in lines[1:] if used & frozenset(re.findall(r"\w+", line))]
        return "\n".join((lines[0], *kept)) if kept else ""
