"""Text -> the words it is found by: identifiers whole and in parts, and prose."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

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
# In ASCII no word reaches beyond a run of word characters, and a table cuts faster than a pattern.
_BETWEEN_RUNS = {code: " " for code in range(0x80) if not (chr(code).isalnum() or chr(code) == "_")}
# Runs whose words are kept: nearly every run of a text was seen before. 300 bytes a run make this 40 MB.
_KEPT_RUNS = 1 << 17


def runs(text: str) -> list[str]:
    """What `words` and `identifiers` are told from: nothing that is neither a word nor made of words."""
    return text.translate(_BETWEEN_RUNS).split() if text.isascii() else _WORD.findall(text)


def identifiers(found: Iterable[str]) -> str:
    """Separated by spaces, as they are written, for look-ups that must be exact."""
    return " ".join(dict.fromkeys(filter(None, map(_whole, found))))


def words(found: Iterable[str]) -> str:
    """Separated by spaces, in lower case; an identifier with underscores is followed by its parts."""
    return " ".join(filter(None, map(_in_parts, found)))


def query_words(text: str) -> tuple[str, ...]:
    """Without repetition, whole identifiers before their parts."""
    found = dict.fromkeys(words(runs(text)).split())
    return tuple(sorted(found, key=lambda word: "_" not in word)[:MAX_QUERY_WORDS])


@lru_cache(maxsize=_KEPT_RUNS)
def _whole(run: str) -> str:
    return " ".join(word for word in _WORD.findall(run) if len(word) <= _MAX_WORD_CHARACTERS)


@lru_cache(maxsize=_KEPT_RUNS)
def _in_parts(run: str) -> str:
    found = []
    for word in _whole(run).lower().split():
        lowered = word.strip("_")
        if _tells(lowered):
            parts = lowered.split("_") if "_" in lowered else ()
            found += [lowered, *filter(_tells, parts)]
    return " ".join(found)


def _tells(word: str) -> bool:
    return len(word) > 1 and word not in _STOP_WORDS
