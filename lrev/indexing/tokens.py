"""Text -> the words it is found by: identifiers whole and in parts, and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d[A-Za-z0-9]+")
# Every function has them, so they only cost time and room.
_STOP_TEXT = """
if else for while do return break continue goto switch case default int char void long short unsigned signed const
static struct sizeof inline the a an of to and or in is it be as at by this that on with not are was from have has but
can we you i so
"""
_STOP_WORDS = frozenset(_STOP_TEXT.split())
# A word longer than this is data: a key, a base64 line.
_MAX_WORD_CHARACTERS = 80
# A query of a whole function repeats itself; beyond these its words add time and no hit.
MAX_QUERY_WORDS = 48


def identifiers(text: str) -> frozenset[str]:
    """As they are written, for look-ups that must be exact."""
    return frozenset(word for word in _WORD.findall(text) if len(word) <= _MAX_WORD_CHARACTERS)


def words(text: str) -> Iterator[str]:
    """In lower case; an identifier with underscores is followed by its parts."""
    for word in _WORD.findall(text):
        if len(word) > _MAX_WORD_CHARACTERS:
            continue
        lowered = word.lower().strip("_")
        if len(lowered) < 2 or lowered in _STOP_WORDS:
            continue
        yield lowered
        if "_" in lowered:
            yield from (part for part in lowered.split("_") if len(part) > 1 and part not in _STOP_WORDS)


def query_words(text: str) -> tuple[str, ...]:
    """Without repetition, whole identifiers before their parts."""
    found = dict.fromkeys(words(text))
    return tuple(sorted(found, key=lambda word: "_" not in word)[:MAX_QUERY_WORDS])
