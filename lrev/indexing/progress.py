"""How a build tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then; `total` is 0 while it is not known. Rate and remaining time are the listener's affair."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """For those who need no progress."""
