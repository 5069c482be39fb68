"""What a model makes of the system text, kept on the disk, so that the next run does not read it again.

A state goes into native code that trusts it, so only one that this user wrote, to a place where nobody else writes, and
whose hash is right is taken; any other is as if it were not there. Nothing that goes wrong here stops a review.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import MachineError
from lrev.model.cells import State
from lrev.model.leaves import Chunks
from lrev.paths import private_directory

# To be raised whenever the same tokens may give other numbers, or the form of a file changes.
ENGINE_VERSION = 1
_MAGIC = b"lrev prefix 1\n"
_HASH_BYTES = hashlib.sha256().digest_size
_SUFFIX = ".prefix"
_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Fewer tokens are read about as fast as a file is.
_LEAST_TOKENS = 16
# A system text of 500 tokens makes 15 MB with a 1.5B model; several models and texts have room.
LIMIT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Prefixes:
    """`identity` names all that the numbers depend on beside the tokens: model, build, engine and how it is opened."""

    directory: Path
    identity: str
    limit_bytes: int = LIMIT_BYTES

    def load(self, chunks: Chunks) -> State | None:
        """The state of a trunk that holds `chunks`; a file that does not hold it whole is removed."""
        path = self._path(chunks)
        try:
            if not _is_ours(self.directory.lstat(), stat.S_ISDIR):
                return None
            data = _read(path)
        except OSError:
            return None
        if data is None:
            return None
        payload = memoryview(data)[len(_MAGIC) + _HASH_BYTES :]
        if data[: len(_MAGIC) + _HASH_BYTES] != _head(self._key(chunks), payload):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # the one used longest ago goes first
        return (ctypes.c_uint8 * len(payload)).from_buffer_copy(payload)

    def store(self, chunks: Chunks, save: Callable[[], State]) -> None:
        if sum(map(len, chunks)) < _LEAST_TOKENS:
            return
        try:
            private_directory(self.directory)
            if not _is_ours(self.directory.lstat(), stat.S_ISDIR):
                return
            state = memoryview(save()).cast("B")
            head = _head(self._key(chunks), state)
            if len(head) + len(state) > self.limit_bytes:
                return
            self._make_room(len(head) + len(state))
            _replace(self._path(chunks), head, state)
        except (OSError, MachineError):
            return

    def _key(self, chunks: Chunks) -> bytes:
        return hashlib.sha256(f"{ENGINE_VERSION} {self.identity} {chunks}".encode()).digest()

    def _path(self, chunks: Chunks) -> Path:
        return self.directory / f"{self._key(chunks).hex()}{_SUFFIX}"

    def _make_room(self, needed: int) -> None:
        found = sorted((one.stat().st_mtime_ns, one.stat().st_size, one) for one in self.directory.glob(f"*{_SUFFIX}"))
        free = self.limit_bytes - sum(size for _, size, _ in found)
        for _, size, path in found:
            if free >= needed:
                return
            path.unlink(missing_ok=True)
            free += size


def _head(key: bytes, payload: memoryview) -> bytes:
    """What a whole file begins with: it holds for these tokens and this payload alone."""
    digest = hashlib.sha256(key)
    digest.update(payload)
    return _MAGIC + digest.digest()


def _is_ours(found: os.stat_result, kind: Callable[[int], bool]) -> bool:
    return kind(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_MAY_WRITE


def _read(path: Path) -> bytes | None:
    """None for what somebody else could have written. A link is not followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        return file.read() if _is_ours(os.fstat(descriptor), stat.S_ISREG) else None


def _replace(path: Path, head: bytes, payload: memoryview) -> None:
    """Beside it and renamed: a reader sees a whole file or none."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(head)
            file.write(payload)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
