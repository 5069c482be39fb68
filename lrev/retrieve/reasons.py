"""Why a passage was chosen, as far as others than its reader go by the words."""

from __future__ import annotations

# What people said of an earlier version of the very patch; `lrev eval retrieval` holds each to be just that.
SAID_OF_VERSION = "said of version"


def kind_of(reason: str) -> str:
    """What a reason has in common with others of its kind: all before the first colon or number."""
    if reason.startswith(SAID_OF_VERSION):
        return SAID_OF_VERSION
    return reason.partition(":")[0].rstrip("0123456789 ")
