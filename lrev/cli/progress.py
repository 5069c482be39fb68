"""Progress on stderr: a bar with rate and remaining time on a terminal, a line a stage elsewhere."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from lrev.log import escape, talk

# Often enough to see that it goes on, seldom enough to read the log of a night.
_LINE_SECONDS = 60


class Meter:
    """A listener for long work: call it with stage, done and total (0: not known)."""

    def __init__(self) -> None:
        self._stages: dict[str, TaskID] = {}
        self._bar: Progress | None = None
        self._began = self._told = 0.0

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and not os.environ.get("LREV_QUIET"):
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}", markup=False),
                TimeRemainingColumn(),
            )
            self._bar = Progress(*columns, console=Console(stderr=True)).__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, at)

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            self._line(stage, done, total)
            return
        if stage not in self._stages:
            self._stages[stage] = self._bar.add_task(escape(stage), total=total or None, rate="")
        task = self._stages[stage]
        self._bar.update(task, completed=done, total=total or None)
        speed = self._bar.tasks[task].speed
        self._bar.update(task, rate=f"{speed:.0f}/s" if speed else "")

    def _line(self, stage: str, done: int, total: int) -> None:
        """For a log: a line when a stage begins, and one now and then while it lasts."""
        now = time.monotonic()
        if stage not in self._stages:
            self._stages[stage] = TaskID(len(self._stages))
            self._began = self._told = now
            talk(f"lrev: {stage}")
        elif now - self._told >= _LINE_SECONDS:
            self._told = now
            speed = done / (now - self._began)
            left = f" of {total}, {(total - done) / speed / 60:.0f} min left" if total and speed else ""
            talk(f"lrev: {stage}: {done}{left}, {speed:.0f}/s")
