"""Whether a tree already has a patch, and what the patch was made for: what decides if it may be measured on."""

from __future__ import annotations

from collections.abc import Iterator

from lrev.errors import InputError
from lrev.evaluate.cases import turned
from lrev.source.apply import apply
from lrev.source.base import find_base
from lrev.source.mail_text import decode_bytes
from lrev.source.tree import Tree
from lrev.types import BaseHow, DiffLineKind, FileDiff, FileStatus, Hunk, Patch, Series

# Shorter lines, such as `return ret;`, stand in every file.
_TELLING_CHARACTERS = 16


def base_of(patch: Patch, tree: Tree) -> BaseHow:
    """BLOBS where all files are those the patch names, NAMES where they are there at all, else NONE."""
    return find_base(Series((patch,)), tree, None)[0].how


def is_in(patch: Patch, tree: Tree) -> bool:
    """Whether the change to any of its files was made already: it, or a later version of it, was applied."""
    return any(_is_made(diff, tree) for diff in patch.files if not diff.binary)


def _is_made(diff: FileDiff, tree: Tree) -> bool:
    data = tree.read(diff.path)
    if diff.status is FileStatus.DELETED:
        return data is None
    if data is None:
        return False
    if diff.status is FileStatus.ADDED:
        return True
    return _is_undone_cleanly(diff, data) or _has_added(diff, decode_bytes(data))


def _is_undone_cleanly(diff: FileDiff, data: bytes) -> bool:
    if not diff.hunks:
        return False
    try:
        apply(data, turned(diff))
    except InputError:
        return False
    return True


def _has_added(diff: FileDiff, text: str) -> bool:
    """All runs of added lines stand in the file, and they say enough to be no chance."""
    runs = [run for hunk in diff.hunks for run in _added(hunk)]
    told = [line for run in runs for line in run if len(line.strip()) >= _TELLING_CHARACTERS]
    lines = f"\n{text}\n"
    return bool(told) and all("\n" + "\n".join(run) + "\n" in lines for run in runs)


def _added(hunk: Hunk) -> Iterator[list[str]]:
    run: list[str] = []
    for line in hunk.lines:
        if line.kind is DiffLineKind.ADDED:
            run.append(line.text)
        elif run:
            yield run
            run = []
    if run:
        yield run
