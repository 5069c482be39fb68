"""Where the members of a struct lie, and the bytes between them that belong to none (64-bit ABI, C11 6.7.2.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lrev.evidence.expressions import width_of
from lrev.evidence.typed import CType, Member

_LONGS = re.compile(r"(?:unsigned )?long(?: int)?|(?:__kernel_)?s?size_t|uintptr_t")
_ORDERED = re.compile(r"__(?:le|be)(16|32|64)")
_NAMED_BYTES = {"__sum16": 2, "__wsum": 4, "pid_t": 4, "uid_t": 4, "gid_t": 4}
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|[1-9]\d*")
_POINTER_BYTES = 8
_DEEPEST = 4

# The members of `struct lamp`, () for what is not known, or laid out in another way than one behind the other.
Members = Callable[[str], tuple[Member, ...]]


@dataclass(frozen=True, slots=True)
class Laid:
    """`hole` is the member behind which there is padding, "" when there is none."""

    size: int
    alignment: int
    hole: str = ""


def lay(base: str, members: Members, depth: int = 0) -> Laid | None:
    """None as soon as the size of one member is not known. Bit fields are not laid out."""
    listed = members(base)
    if not listed or depth > _DEEPEST:
        return None
    offset, largest, before, hole = 0, 1, "", ""
    for member in listed:
        laid = _laid(member, members, depth)
        if laid is None or member.bits:
            return None
        padding = -offset % laid.alignment
        hole = hole or (before if padding else "") or (f"{member.name}.{laid.hole}" if laid.hole else "")
        offset += padding + laid.size
        largest, before = max(largest, laid.alignment), member.name
    padding = -offset % largest
    return Laid(offset + padding, largest, hole or (before if padding else ""))


def _laid(member: Member, members: Members, depth: int) -> Laid | None:
    count = 1
    for size in member.type.sizes:
        if not _NUMBER.fullmatch(size):
            return None
        count *= int(size, 0)
    one = _one(member.type, members, depth)
    return Laid(one.size * count, one.alignment, one.hole) if one is not None else None


def _one(kind: CType, members: Members, depth: int) -> Laid | None:
    if kind.stars:
        return Laid(_POINTER_BYTES, _POINTER_BYTES)
    if kind.base.startswith("struct "):
        return lay(kind.base, members, depth + 1)
    size = _bytes(kind.base)
    return Laid(size, size) if size else None


def _bytes(base: str) -> int:
    """0 for a type that is not known."""
    width, ordered = width_of(base), _ORDERED.fullmatch(base)
    if width is not None:
        return width.bits // 8
    if ordered is not None:
        return int(ordered[1]) // 8
    return _POINTER_BYTES if _LONGS.fullmatch(base) else _NAMED_BYTES.get(base, 0)
