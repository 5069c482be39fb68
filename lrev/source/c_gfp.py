"""What a call hands on as its gfp flags: whether what it allocates may sleep."""

from __future__ import annotations

import re
from enum import IntEnum

# GFP_* that allow direct reclaim and so sleeping, and those that forbid it (include/linux/gfp_types.h).
_BLOCKING = re.compile(rb"\b(?:GFP_(?:KERNEL|USER|NOFS|NOIO|HIGHUSER|TRANSHUGE\b)\w*|__GFP_(?:DIRECT_)?RECLAIM)\b")
_ATOMIC = re.compile(rb"\bGFP_(?:ATOMIC|NOWAIT|TRANSHUGE_LIGHT)\b")
_GFP_WORD = re.compile(rb"\b\w*gfp\w*\b")
_GFP_VARIABLE = re.compile(rb"\bgfp_t\s+(\w+)")
_WORD = re.compile(rb"\w+")
_GFP_TYPE = re.compile(rb"\bgfp_t\b")
# A call's gfp stands above its CallFlags.
GFP_SHIFT = 3
# Positions are kept in four bits.
MAX_PARAMETERS = 10


class Gfp(IntEnum):
    """What a call passes for its allocations: FIRST_PARAMETER + n is the caller's own parameter n."""

    NONE = 0
    ATOMIC = 1
    BLOCKING = 2
    UNKNOWN = 3
    FIRST_PARAMETER = 4


def gfp_parameter(types: tuple[bytes, ...]) -> int:
    """Position of the gfp_t parameter, -1 for none."""
    return next((at for at, piece in enumerate(types[:MAX_PARAMETERS]) if _GFP_TYPE.search(piece)), -1)


def gfp_words(own: bytes, body: bytes) -> frozenset[bytes]:
    """The names under which a function has gfp flags: its parameter's and its variables'."""
    local = frozenset(_GFP_VARIABLE.findall(body)) if b"gfp_t" in body else frozenset[bytes]()
    return local | {own} if own else local


def passed_gfp(arguments: tuple[bytes, ...], own: int, words: frozenset[bytes]) -> int:
    """The Gfp of a call. Variables are taken to hold what the parameter allows; constants decide when alone."""
    told = b",".join(arguments)
    is_ours = not words.isdisjoint(_WORD.findall(told)) if words else False
    if is_ours:
        return Gfp.FIRST_PARAMETER + own if own >= 0 else Gfp.UNKNOWN
    if b"GFP_" not in told and b"gfp" not in told:
        return Gfp.NONE
    if _ATOMIC.search(told):
        return Gfp.ATOMIC if not _BLOCKING.search(told) else Gfp.UNKNOWN
    if _BLOCKING.search(told):
        return Gfp.BLOCKING
    if not _GFP_WORD.search(told):
        return Gfp.NONE
    return Gfp.FIRST_PARAMETER + own if own >= 0 else Gfp.UNKNOWN
