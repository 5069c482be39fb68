"""Names by 64 bits, so that segments with numbers of their own can be read as one."""

from __future__ import annotations

import hashlib


def name_hash(name: str) -> int:
    """64 bits by which a name is the same in every segment; among a million, two share one once in 10^7 trees."""
    return int.from_bytes(
        hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "little", signed=True
    )
