"""A kernel tree as a reader sees it: a directory, a commit, or either with files laid over it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lrev.errors import InputError
from lrev.paths import below
from lrev.source.git import Repository, blob_id

# Larger files are generated register lists or firmware; the largest hand-written file of 6.1 has 0.9 MB.
MAX_FILE_BYTES = 4 * 1024 * 1024
# All of these stand at the top of a kernel tree, and nowhere else together.
_ROOT_MARKS = ("MAINTAINERS", "Kbuild")
_IGNORED_DIRECTORIES = frozenset({".git", ".tmp_versions", "__pycache__", ".cache"})
_BUILD_OUTPUT = (".o", ".ko", ".a", ".cmd", ".mod", ".mod.c", ".so", ".pyc", ".order", ".symvers")


@dataclass(frozen=True, slots=True)
class Listing:
    """A file that can be read; `mtime_ns` tells without reading whether it may have changed."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Skipped:
    path: str
    why: str


class Tree(Protocol):
    """`commit` is "" for a plain directory. read() and blob() give None for what is not there."""

    @property
    def name(self) -> str: ...
    @property
    def commit(self) -> str: ...
    def read(self, path: str) -> bytes | None: ...
    def blob(self, path: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class DirectoryTree:
    """The files below `root`; of a walk only those in the sub-directories `within`, all if it is empty."""

    root: Path
    within: tuple[str, ...] = ()
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.root)

    @property
    def commit(self) -> str:
        return ""

    def read(self, path: str) -> bytes | None:
        """Raises InputError for a path that leads outside."""
        target = below(self.root, path)
        try:
            return target.read_bytes() if target.is_file() else None
        except OSError:
            return None

    def blob(self, path: str) -> str | None:
        data = self.read(path)
        return blob_id(data) if data is not None else None

    def walk(self) -> Iterator[Listing]:
        """Every readable regular file in a fixed order; what is passed over is added to `skipped` with the reason."""
        for start in self.within or ("",):
            yield from self._walk(below(self.root, start))

    def _walk(self, start: Path) -> Iterator[Listing]:
        for directory, folders, names in os.walk(start, followlinks=False, onerror=self._unreadable):
            folders[:] = sorted(name for name in folders if name not in _IGNORED_DIRECTORIES)
            for name in sorted(names):
                if not name.endswith(_BUILD_OUTPUT):
                    yield from self._listed(Path(directory) / name)

    def _listed(self, path: Path) -> Iterator[Listing]:
        relative = path.relative_to(self.root).as_posix()
        try:
            found = path.lstat()
        except OSError as error:
            self.skipped.append(Skipped(relative, error.strerror or "unreadable"))
            return
        if stat.S_ISLNK(found.st_mode):
            self.skipped.append(Skipped(relative, "symbolic link"))
        elif not stat.S_ISREG(found.st_mode):
            self.skipped.append(Skipped(relative, "not a regular file"))
        elif found.st_size > MAX_FILE_BYTES:
            self.skipped.append(Skipped(relative, f"larger than {MAX_FILE_BYTES // 1024 // 1024} MB"))
        elif not os.access(path, os.R_OK):
            self.skipped.append(Skipped(relative, "not readable"))
        else:
            yield Listing(relative, found.st_size, found.st_mtime_ns)

    def _unreadable(self, error: OSError) -> None:
        path = Path(error.filename).relative_to(self.root).as_posix()
        self.skipped.append(Skipped(path, error.strerror or "unreadable"))


@dataclass(frozen=True, slots=True)
class GitTree:
    """The files of one commit, read from git's objects: the work tree has no part in it."""

    repository: Repository
    commit: str

    @property
    def name(self) -> str:
        return str(self.repository.top or self.repository.git_directory)

    def read(self, path: str) -> bytes | None:
        blob = self.blob(path)
        return self.repository.cat_file(blob) if blob is not None else None

    def blob(self, path: str) -> str | None:
        _refuse_outside(path)
        return self.repository.ls_tree(self.commit, (path,)).get(path)


@dataclass(frozen=True, slots=True)
class OverlayTree:
    """`base` with `files` in place of its own; None where a file is gone."""

    base: Tree
    files: Mapping[str, bytes | None]

    @property
    def name(self) -> str:
        return self.base.name

    @property
    def commit(self) -> str:
        return self.base.commit

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self.base.read(path)

    def blob(self, path: str) -> str | None:
        if path not in self.files:
            return self.base.blob(path)
        data = self.files[path]
        return blob_id(data) if data is not None else None


def _refuse_outside(path: str) -> None:
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise InputError(f"path '{path!r}' leads outside the tree")


def kernel_root(directory: Path) -> tuple[Path, str]:
    """The top of the kernel tree that `directory` lies in, and its path below; itself and "" if it lies in none."""
    resolved = directory.resolve()
    for candidate in (resolved, *resolved.parents):
        if all((candidate / mark).is_file() for mark in _ROOT_MARKS):
            return candidate, resolved.relative_to(candidate).as_posix().removeprefix(".")
    return resolved, ""
