"""A kernel tree as a reader sees it: a directory, a commit, or either with files laid over it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from lrev.errors import InputError
from lrev.paths import below
from lrev.source.git import Repository, blob_id
from lrev.source.git_output import EntryKind, TreeEntry

# Larger files are generated register lists or firmware; the largest hand-written file of 6.1 has 0.9 MB.
MAX_FILE_BYTES = 4 * 1024 * 1024
_IGNORED_DIRECTORIES = frozenset({".git", ".tmp_versions", "__pycache__", ".cache"})
_BUILD_OUTPUT = (".o", ".ko", ".a", ".cmd", ".mod", ".mod.c", ".so", ".pyc", ".order", ".symvers")
_LINK, _NAME, _TOO_LARGE = "symbolic link", "name is not UTF-8", f"larger than {MAX_FILE_BYTES // 1024 // 1024} MB"
_READABLE_BY_ALL = 0o444
# Should a link or a FIFO have taken the file's place since it was listed, neither is followed nor waited for.
_READ_WALKED = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


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

    def read_walked(self, path: str) -> bytes | None:
        """The same for a path that walk() gave, without looking at its folders again; links are not followed."""
        try:
            descriptor = os.open(f"{self.root}/{path}", _READ_WALKED)
        except OSError:
            return None
        try:
            found = os.fstat(descriptor)
            return os.read(descriptor, found.st_size) if stat.S_ISREG(found.st_mode) else None
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def walk(self, wanted: Callable[[str], bool] = bool) -> Iterator[Listing]:
        """Every readable regular file in a fixed order whose path is `wanted`.

        What is passed over for another reason is added to `skipped` with that reason.
        """
        for start in self.within or ("",):
            below(self.root, start)
            yield from self._walk(start, wanted)

    def _walk(self, start: str, wanted: Callable[[str], bool]) -> Iterator[Listing]:
        """With os.scandir and strings: os.walk and Path cost four times as much, and a kernel has 80,000 files."""
        waiting = [start]
        while waiting:
            folder = waiting.pop()
            folders: list[str] = []
            for entry in self._entries(folder):
                path = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _IGNORED_DIRECTORIES:
                        folders.append(path)
                elif not entry.name.endswith(_BUILD_OUTPUT):
                    yield from self._listed(path, entry, wanted)
            waiting += reversed(folders)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Sorted by name; none of a folder that is gone or closed to us."""
        try:
            with os.scandir(f"{self.root}/{folder}") as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._skip(folder, error.strerror or "unreadable")
            return []

    def _listed(self, path: str, entry: os.DirEntry[str], wanted: Callable[[str], bool]) -> Iterator[Listing]:
        if entry.is_symlink():
            self._skip(path, _LINK)
        elif not entry.is_file(follow_symlinks=False):
            self._skip(path, "not a regular file")
        elif not is_text(path):
            self._skip(path, _NAME)
        elif wanted(path):
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError as error:
                self._skip(path, error.strerror or "unreadable")
                return
            if found.st_size > MAX_FILE_BYTES:
                self._skip(path, _TOO_LARGE)
            elif found.st_mode & _READABLE_BY_ALL != _READABLE_BY_ALL and not os.access(entry.path, os.R_OK):
                self._skip(path, "not readable")
            else:
                yield Listing(path, found.st_size, found.st_mtime_ns)

    def _skip(self, path: str, why: str) -> None:
        self.skipped.append(Skipped(_printable(path), why))


@dataclass(frozen=True, slots=True)
class GitTree:
    """The files of one commit, read from git's objects: the work tree has no part in it. `within` as above."""

    repository: Repository
    commit: str
    within: tuple[str, ...] = ()
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.repository.top or self.repository.git_directory)

    def read(self, path: str) -> bytes | None:
        blob = self.blob(path)
        return self.repository.cat_file(blob) if blob is not None else None

    def blob(self, path: str) -> str | None:
        _refuse_outside(path)
        return self.repository.ls_tree(self.commit, (path,)).get(path)

    def walk(self, wanted: Callable[[str], bool] = bool) -> Iterator[TreeEntry]:
        """The same files as of a directory with this commit checked out, and the same passed over."""
        for entry in self.repository.entries(self.commit, self.within):
            why = _why_not(entry, wanted)
            if why:
                self.skipped.append(Skipped(_printable(entry.path), why))
            elif why is None:
                yield entry


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


def laid_over(tree: Tree) -> dict[str, bytes]:
    """All that was laid over what `tree` rests on, as it reads in the end; what is gone is left out."""
    layers: list[Mapping[str, bytes | None]] = []
    while isinstance(tree, OverlayTree):
        layers.append(tree.files)
        tree = tree.base
    merged = {path: data for layer in reversed(layers) for path, data in layer.items()}
    return {path: data for path, data in merged.items() if data is not None}


def _why_not(entry: TreeEntry, wanted: Callable[[str], bool]) -> str | None:
    """Why an entry of a commit is passed over, "" when nobody need be told; None when it is not."""
    folders, _, name = entry.path.rpartition("/")
    if name.endswith(_BUILD_OUTPUT) or not _IGNORED_DIRECTORIES.isdisjoint(folders.split("/")):
        return ""
    if entry.kind is EntryKind.SYMLINK:
        return _LINK
    if entry.kind is EntryKind.SUBMODULE or not wanted(entry.path):
        return ""
    if not is_text(entry.path):
        return _NAME
    if entry.size is None:
        return "not in the repository"
    return _TOO_LARGE if entry.size > MAX_FILE_BYTES else None


def _printable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_text(path: str) -> bool:
    """Whether a file name is UTF-8; names are bytes, and others come to us with surrogates in them."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def _refuse_outside(path: str) -> None:
    if path.startswith("/") or ".." in path.split("/") or "\0" in path:
        raise InputError(f"path '{path!r}' leads outside the tree")
