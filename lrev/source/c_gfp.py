"""What a call hands on as its gfp flags: whether what it allocates may sleep."""

from __future__ import annotations

import re
from enum import IntEnum

# GFP_* that allow direct reclaim and so sleeping, and those that forbid it (include/linux/gfp_types.h).
_BLOCKING = re.compile(rb"\b(?:GFP_(?:KERNEL|USER|NOFS|NOIO|HIGHUSER|TRANSHUGE\b)\w*|__GFP_(?:DIRECT_)?RECLAIM)\b")
_ATOMIC = re.compile(rb"\bGFP_(?:ATOMIC|NOWAIT|TRANSHUGE_LIGHT)\b")
_GFP_WORD = re.compile(rb"\b\w*gfp\w*\b")
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


def passed_gfp(arguments: bytes, own: int, parameters: tuple[bytes, ...]) -> int:
    """The Gfp of a call. Constants decide before names; a variable with gfp in its name is taken for the parameter."""
    if own >= 0 and re.search(rb"\b" + re.escape(parameters[own] or b"gfp") + rb"\b", arguments):
        return Gfp.FIRST_PARAMETER + own
    if b"GFP_" not in arguments and b"gfp" not in arguments:
        return Gfp.NONE
    if _ATOMIC.search(arguments):
        return Gfp.ATOMIC if not _BLOCKING.search(arguments) else Gfp.UNKNOWN
    if _BLOCKING.search(arguments):
        return Gfp.BLOCKING
    if not _GFP_WORD.search(arguments):
        return Gfp.NONE
    return Gfp.FIRST_PARAMETER + own if own >= 0 else Gfp.UNKNOWN
