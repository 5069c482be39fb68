"""Names near to one that is not there, for the hint of an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrev.indexing.reader import Index

_SUGGESTIONS = 3
# Names that begin the same way: enough to find a slip in the rest, few enough to compare at once.
_CANDIDATES = 5000
_STEM_CHARACTERS = 4


def similar_names(index: Index, name: str) -> list[str]:
    """Of indexed names with the same first characters, those most like it."""
    from difflib import get_close_matches

    stem = name[:_STEM_CHARACTERS]
    known = {one for segment in index.segments for one in segment.names_from(stem, _CANDIDATES)}
    return get_close_matches(name, sorted(known), n=_SUGGESTIONS)
