"""Whether two addresses are one person's."""

from __future__ import annotations

import re

from lrev.types import Address

# `Ann Author via B4 Relay`, as relays and lists write for senders whose own domain forbids it.
_RELAYED = re.compile(r"\s+via\s+.*$")


def is_same(one: Address, other: Address) -> bool:
    """By address, or by name for somebody who writes from another or through a relay."""
    names = _name(one), _name(other)
    by_name = bool(names[0]) and names[0] == names[1]
    return by_name or one.address.casefold() == other.address.casefold()


def _name(address: Address) -> str:
    return _RELAYED.sub("", address.name.strip("\"' ")).casefold()
