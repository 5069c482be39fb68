"""The review as JSON, for tools: the frozen types of lrev/types.py as they stand, under a schema version."""

from __future__ import annotations

import json

from pydantic import TypeAdapter

from lrev.types import Review

# Changes when a reader of an older document would misread a newer one.
SCHEMA = 1
_ADAPTER: TypeAdapter[Review] = TypeAdapter(Review)


def document(reviews: tuple[Review, ...]) -> str:
    """Indented ASCII JSON; its bytes depend on the reviews alone. Bytes that were no text stay as \\udcXX escapes."""
    rows = [_ADAPTER.dump_python(review, mode="python") for review in reviews]
    return json.dumps({"schema": SCHEMA, "reviews": rows}, indent=2, default=_plain) + "\n"


def _plain(value: object) -> object:
    """Enums by their value, sets in order."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return value.value  # type: ignore[attr-defined]
