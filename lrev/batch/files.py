"""The files beside the queue: reviews and replies, the lock of a run, and room on the disk."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from lrev.errors import LockHeld, MachineError
from lrev.log import escape
from lrev.paths import private_directory, write_beside

REVIEWS, REPLIES = "reviews", "replies"
_LOCK = "lock"
_ASIDE = ".part"
# Somebody who looks whether a run is on holds it for a moment.
_LOCK_ATTEMPTS, _LOCK_SECONDS = 5, 0.1
_MEGABYTE = 1 << 20
# A review has some 100 KB; the queue, the cache of prefixes and calibrations and git have to write as well.
LEAST_FREE_BYTES = 64 * _MEGABYTE


def review_path(directory: Path, name: str) -> Path:
    return directory / REVIEWS / f"{name}.json"


def reply_path(directory: Path, name: str) -> Path:
    return directory / REPLIES / f"{name}.txt"


def page_path(directory: Path, run: int) -> Path:
    return directory / f"morning-{run:04d}.html"


def write(path: Path, text: str) -> None:
    """Beside and renamed, both on the disk when this returns. Raises MachineError, with the old file as it was."""
    private_directory(path.parent)
    try:
        write_beside(path, text.encode("utf-8", "backslashreplace"), _ASIDE)
    except OSError as error:
        path.with_name(path.name + _ASIDE).unlink(missing_ok=True)
        raise MachineError(f"cannot write '{path}': {error.strerror}", "nothing is lost: run it again") from error


def write_both(directory: Path, name: str, review: str, reply: str) -> None:
    """`reply` is for a terminal or an editor, and so is escaped."""
    write(review_path(directory, name), review)
    write(reply_path(directory, name), escape(reply))


def remove_both(directory: Path, name: str) -> None:
    review_path(directory, name).unlink(missing_ok=True)
    reply_path(directory, name).unlink(missing_ok=True)


def remove_unfinished(directory: Path) -> None:
    """What a killed run was writing."""
    for folder in (REVIEWS, REPLIES):
        for path in (directory / folder).glob(f"*{_ASIDE}"):
            path.unlink(missing_ok=True)


def require_room(directory: Path) -> None:
    """Raises MachineError before anything is begun that could not be written down."""
    free = shutil.disk_usage(directory).free
    if free < LEAST_FREE_BYTES:
        least = LEAST_FREE_BYTES // _MEGABYTE
        raise MachineError(
            f"the disk of '{directory}' is full: {free // _MEGABYTE} MB are free, and {least} needed",
            "make room and run it again; nothing is lost",
        )


@contextmanager
def run_lock(directory: Path) -> Iterator[None]:
    """Held by the one run; the kernel drops it when the process dies. Raises LockHeld naming the other's pid."""
    private_directory(directory)
    with (directory / _LOCK).open("a+", encoding="ascii") as stream:
        for _ in range(_LOCK_ATTEMPTS):
            if _locked(stream, fcntl.LOCK_EX):
                break
            time.sleep(_LOCK_SECONDS)
        else:
            stream.seek(0)
            pid = stream.read().strip() or "unknown"
            hint = "lrev batch status shows how far it is, lrev batch stop ends it"
            raise LockHeld(f"process {pid} is running queue '{directory}'", hint)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def is_running(directory: Path) -> bool:
    """Whether a run holds the lock."""
    try:
        with (directory / _LOCK).open(encoding="ascii") as stream:
            return not _locked(stream, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _locked(stream: TextIO, how: int) -> bool:
    try:
        fcntl.flock(stream, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
