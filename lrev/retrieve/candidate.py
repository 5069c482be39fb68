"""A passage that may be shown, before anything is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from lrev.retrieve.subject import identifiers


class Origin(StrEnum):
    """Where passages come from. Each can be left out for an evaluation; what earned no place in one is not here."""

    FUNCTION = "function"
    NEARBY = "nearby"
    CALLEES = "callees"
    FAMILY = "family"
    CALLERS = "callers"
    TYPES = "types"
    SIMILAR = "similar"
    DOCUMENTS = "documents"
    COMMENTS = "comments"
    PATCHES = "patches"
    VERSIONS = "versions"


# Said of this patch by a person and not seen to; what a question is about.
OPEN, ASKED = 1, 2
_SAID = frozenset({Origin.COMMENTS, Origin.VERSIONS})


@dataclass(frozen=True)
class Candidate:
    """Of the candidates of one `group` at most one is shown; what has more `urgency` is shown before the others."""

    origin: Origin
    source: str
    title: str
    text: str
    reason: str
    group: str = ""
    urgency: int = 0

    @cached_property
    def identifiers(self) -> frozenset[str]:
        return frozenset(identifiers(f"{self.title}\n{self.text}"))

    @cached_property
    def own_identifiers(self) -> frozenset[str]:
        """Without those that are only quoted: of what people said, what they said themselves."""
        if self.origin not in _SAID:
            return self.identifiers
        return frozenset(identifiers("\n".join(line for line in self.text.split("\n") if not line.startswith(">"))))
