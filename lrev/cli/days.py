"""Days as they are given on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from lrev.errors import UsageError


def seconds_of(day: str) -> int:
    """Seconds since 1970 at which a day begins in UTC. Raises UsageError for what is no day."""
    try:
        return int(datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise UsageError(f"'{day}' is not a day", "write it as 2024-05-31") from error
