"""What a run says: a bar with rate and finish time on a terminal, a line a job elsewhere, or JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lrev.batch.events import Event, Kind, Listener
from lrev.batch.morning.wording import counted
from lrev.cli.batch_status import duration
from lrev.log import escape, talk

# In a log, of stages that only prepare; each job has a line of its own.
_EVERY = 50


@contextmanager
def listener(*, as_json: bool) -> Iterator[Listener]:
    if as_json:
        yield _tell_json
    elif sys.stderr.isatty() and not os.environ.get("LREV_QUIET"):
        with _bar() as bar:
            yield _Terminal(bar)
    else:
        yield _tell_lines


def _tell_json(event: Event) -> None:
    fields = {**asdict(event), "kind": event.kind.value, "time": round(time.time(), 3)}
    talk(json.dumps({key: round(value, 3) if isinstance(value, float) else value for key, value in fields.items()}))


def _tell_lines(event: Event) -> None:
    line = _line(event)
    if line:
        talk(f"lrev: {line}")


def _line(event: Event) -> str:
    """ "" for what a log need not have."""
    counted = f"{event.done} of {event.total}"
    match event.kind:
        case Kind.WEIGHED | Kind.CALIBRATED:
            return f"{event.kind.value} {counted}" if event.done % _EVERY == 0 or event.done == event.total else ""
        case Kind.BEGUN:
            return ""
        case Kind.DONE:
            return f"{counted}: {event.job} '{event.text}', {_outcome(event)}"
        case Kind.FAILED:
            return f"{counted}: {event.job} failed: {event.text}"
        case Kind.RESTARTED:
            return f"{event.text}; it is started again"
        case Kind.WAITING:
            return f"waiting: {event.text}"
        case Kind.ENDED:
            return f"{counted} done; the run ended: {event.text}"


def _outcome(event: Event) -> str:
    found = counted(event.findings, "comment")
    read = f"{duration(event.seconds)} at {event.tokens_per_second:.0f} tokens/s" if event.seconds else "by code alone"
    left = f", {duration(event.left_seconds)} left" if event.left_seconds else ""
    return f"{found}, {read}{left}"


class _Terminal:
    """The bar shows the job that is under way; what lasts is printed above it."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None, rate="", left="")

    def __call__(self, event: Event) -> None:
        match event.kind:
            case Kind.WEIGHED | Kind.CALIBRATED:
                self._show(f"{event.kind.value}: {event.text}", event)
            case Kind.BEGUN:
                self._bar.update(self._task, description=escape(f"reading {event.job} '{event.text}'"))
            case Kind.DONE:
                self._show("", event)
                self._print(event)
            case _:
                self._print(event)

    def _show(self, stage: str, event: Event) -> None:
        rate = f"{event.tokens_per_second:.0f} tokens/s" if event.tokens_per_second else ""
        left = ""
        if event.left_seconds:
            left = time.strftime("done at %H:%M", time.localtime(time.time() + event.left_seconds))
        self._bar.update(self._task, completed=event.done, total=event.total or None, rate=rate, left=left)
        if stage:
            self._bar.update(self._task, description=escape(stage))

    def _print(self, event: Event) -> None:
        self._bar.console.print(escape(_line(event)), markup=False, highlight=False, soft_wrap=True)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TextColumn("{task.fields[left]}", markup=False),
        console=Console(stderr=True),
    )
