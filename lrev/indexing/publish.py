"""Making a generation the current one, sweeping what nothing refers to, and the lock of those who build."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lrev.errors import LockHeld, MachineError
from lrev.indexing.layout import (
    SEGMENT,
    Generation,
    current_number,
    current_pointer,
    inferred_path,
    listing_path,
    manifest_path,
)
from lrev.paths import write_beside

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("disk is full", "no space left", "code: 28", "errno=28", "requested and")
_THREAD_DIED = "index writer was killed"
# A thread of tantivy that cannot write has usually left less than the file it was writing.
_LITTLE_BYTES = 64 * 1024 * 1024


def prepare(directory: Path) -> None:
    for name in ("segments", "generations"):
        (directory / name).mkdir(parents=True, exist_ok=True)


@contextmanager
def builder_lock(directory: Path) -> Iterator[None]:
    """Held while building; the kernel drops it when the process dies. Raises LockHeld naming the other's pid."""
    with (directory / "lock").open("a+", encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            stream.seek(0)
            pid = stream.read().strip() or "unknown"
            raise LockHeld(f"process {pid} is building index '{directory}'", "wait for it, then try again") from error
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


@contextmanager
def full_disk_told(directory: Path) -> Iterator[None]:
    """A disk without space or quota becomes one line; what was published is untouched."""
    try:
        yield
    except (OSError, sqlite3.OperationalError, RuntimeError, ValueError) as error:
        if not _is_full_disk(error, directory):
            raise
        raise MachineError(
            f"no space left for index '{directory}'", "free some and run the command again; the old index is intact"
        ) from error


def _is_full_disk(error: Exception, directory: Path) -> bool:
    """sqlite, tantivy, faiss and numpy each have their own words for ENOSPC, and tantivy's thread has none."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    text = str(error).lower()
    if _THREAD_DIED in text:
        return shutil.disk_usage(directory).free < _LITTLE_BYTES
    return any(words in text for words in _FULL_WORDS)


def publish(directory: Path, generation: Generation) -> None:
    """The manifest first, the pointer last: a reader resolves the pointer once."""
    text = generation.model_dump_json(indent=1).encode()
    write_beside(manifest_path(directory, generation.number), text)
    write_beside(current_pointer(directory), str(generation.number).encode())


def pin(path: Path) -> BinaryIO:
    """Keep a file, and what it stands for, from being swept until it is closed. Needs no right to write."""
    stream = path.open("rb")
    fcntl.flock(stream, fcntl.LOCK_SH)
    return stream


def is_pinned(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def modified(path: Path) -> float:
    """When, in seconds since 1970; 0 for what another process has just removed."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def sweep(directory: Path, live_segments: frozenset[str]) -> None:
    """Remove what a killed or superseded build left and no reader has pinned. Call with the lock held."""
    number = current_number(directory)
    for path in (directory / "segments").iterdir():
        if path.name not in live_segments and not is_pinned(path / SEGMENT):
            shutil.rmtree(path)
    manifests = [path for path in (directory / "generations").glob("*.json") if path.stem.isdigit()]
    numbers = {int(path.stem) for path in manifests if int(path.stem) == number or is_pinned(path)}
    kept = {name(directory, one) for one in numbers for name in (manifest_path, listing_path, inferred_path)}
    for path in (directory / "generations").iterdir():
        if path not in kept:
            path.unlink()
    current_pointer(directory).with_name("CURRENT.tmp").unlink(missing_ok=True)
