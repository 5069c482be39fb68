"""What each file of a patch was before and is after it, and which functions changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from lrev.errors import InputError
from lrev.source.apply import apply_at
from lrev.source.c_code import calls, parse
from lrev.source.changed import ChangedFile, changed_functions
from lrev.source.tree import OverlayTree, Tree
from lrev.types import Call, FileDiff, FileStatus, Patch

_KINDS = {
    ".dts": "device tree source",
    ".dtsi": "device tree source",
    ".yaml": "a YAML file",
    ".rs": "Rust",
    ".S": "assembly",
    ".py": "a script",
    ".sh": "a script",
    ".pl": "a script",
    ".rst": "documentation",
    ".txt": "text",
    ".md": "documentation",
}
_NAMES = {"Kconfig": "Kconfig", "Makefile": "a Makefile", "Kbuild": "a Makefile", "MAINTAINERS": "MAINTAINERS"}


@dataclass(frozen=True, slots=True)
class FileImages:
    """One file of a patch, its lines numbered where they apply. `problem` says why there are no functions to read.

    `applies` is false where the text of the file is another than the patch was made for.
    """

    diff: FileDiff
    before: bytes | None
    after: bytes | None
    changed: ChangedFile | None
    calls: tuple[Call, ...]
    problem: str = ""
    applies: bool = True


def read_images(patch: Patch, tree: Tree) -> tuple[FileImages, ...]:
    """Every file of the patch on `tree`. A file that cannot be read becomes a problem, never an exception."""
    return tuple(_read(diff, tree) for diff in patch.files)


def patched(tree: Tree, images: tuple[FileImages, ...]) -> Tree:
    """`tree` with the post-images of the files that applied."""
    files: dict[str, bytes | None] = {}
    for image in images:
        if image.diff.status is not FileStatus.DELETED and (not image.applies or image.diff.binary):
            continue
        if image.diff.status is FileStatus.RENAMED:
            files[image.diff.old_path] = None
        files[image.diff.path] = image.after
    return OverlayTree(tree, files)


def _read(diff: FileDiff, tree: Tree) -> FileImages:
    if diff.binary:
        return FileImages(diff, None, None, None, (), "binary")
    before = None if diff.status is FileStatus.ADDED else tree.read(diff.old_path)
    if before is None and diff.status is not FileStatus.ADDED:
        return _unread(diff, f"'{diff.old_path}' is not in the tree")
    try:
        applied = apply_at(before, diff)
    except InputError as error:
        return _unread(diff, error.message, before)
    diff, after = applied.diff, applied.after
    if not diff.hunks:
        return FileImages(diff, before, after, None, (), "no lines changed: " + diff.status.value)
    suffix = PurePosixPath(diff.path).suffix
    if suffix not in (".c", ".h"):
        return FileImages(diff, before, after, None, (), f"no check reads {_kind(diff.path)} yet")
    if after is None:
        return FileImages(diff, before, after, changed_functions(diff, before, after), ())
    return FileImages(diff, before, after, changed_functions(diff, before, after), calls(parse(after), ""))


def _unread(diff: FileDiff, problem: str, before: bytes | None = None) -> FileImages:
    return FileImages(diff, before, None, None, (), problem, applies=False)


def _kind(path: str) -> str:
    name = PurePosixPath(path)
    return _NAMES.get(name.name.partition(".")[0]) or _KINDS.get(name.suffix) or f"'{name.suffix or name.name}' files"
