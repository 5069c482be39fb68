"""A diff laid on a file that it need not have been made for: what applies is applied, the rest is placed by its lines.

A review refuses a hunk that does not apply. Context can still be looked up for it: most of its lines stand somewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lrev.errors import InputError
from lrev.source.apply import apply_at
from lrev.source.mail_text import decode_bytes
from lrev.source.tree import OverlayTree, Tree
from lrev.types import DiffLine, DiffLineKind, FileDiff, FileStatus, Hunk, Patch

# Shorter lines, such as a brace or `return ret;`, stand everywhere and say nothing of a place.
_TELLING_CHARACTERS = 12
# One line alone may be a chance.
_LEAST_LINES = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """`data` is the post-image as far as hunks apply.

    `lines` are those of it that change, or lie next to what is removed or belongs to a hunk that does not apply;
    `added` are the new ones among them. `unplaced` are new lines of the hunks that do not apply.
    """

    data: bytes
    lines: tuple[int, ...]
    added: frozenset[int]
    unplaced: tuple[str, ...]


def placed(diff: FileDiff, data: bytes | None) -> Placed | None:
    """None where the file is not there, is deleted or is binary. `data` is the file before the patch."""
    if diff.binary or diff.status is FileStatus.DELETED or (data is None and diff.status is not FileStatus.ADDED):
        return None
    data = None if diff.status is FileStatus.ADDED else data  # a later tree may have it already
    fitting = _fitting(diff, data)
    applied = apply_at(data, replace(diff, hunks=fitting))
    after = applied.after or b""
    rest = [hunk for hunk in diff.hunks if hunk not in fitting]
    touched = {number for hunk in applied.diff.hunks for number in _touched(hunk)}
    added = frozenset(line.new for hunk in applied.diff.hunks for line in hunk.lines if _is_new(line) and line.new)
    lines = decode_bytes(after).split("\n")
    for hunk in rest:
        touched |= set(_likely(hunk, lines))
    unplaced = tuple(line.text for hunk in rest for line in hunk.lines if _is_new(line))
    return Placed(after, tuple(sorted(touched)), added, unplaced)


def laid(patch: Patch, tree: OverlayTree) -> OverlayTree:
    """The tree with the patch, as far as its hunks apply."""
    files = dict(tree.files)
    for diff in patch.files:
        if diff.status is FileStatus.DELETED:
            files[diff.old_path] = None
            continue
        found = placed(diff, tree.read(diff.old_path))
        if found is not None:
            files[diff.new_path] = found.data
            if diff.status is FileStatus.RENAMED:
                files[diff.old_path] = None
    return OverlayTree(tree.base, files)


def overlaid_files(tree: Tree) -> dict[str, bytes | None]:
    """All files that are laid over the directory or commit at the bottom, as they are seen."""
    if not isinstance(tree, OverlayTree):
        return {}
    return {**overlaid_files(tree.base), **tree.files}


def _fitting(diff: FileDiff, data: bytes | None) -> tuple[Hunk, ...]:
    """The hunks that apply together, in their order."""
    if _applies(diff, data, diff.hunks):
        return diff.hunks
    alone = tuple(hunk for hunk in diff.hunks if _applies(diff, data, (hunk,)))
    if _applies(diff, data, alone):
        return alone
    fitting: tuple[Hunk, ...] = ()
    for hunk in alone:
        if _applies(diff, data, (*fitting, hunk)):
            fitting = (*fitting, hunk)
    return fitting


def _applies(diff: FileDiff, data: bytes | None, hunks: tuple[Hunk, ...]) -> bool:
    try:
        apply_at(data, replace(diff, hunks=hunks))
    except InputError:
        return False
    return True


def _is_new(line: DiffLine) -> bool:
    return line.kind is DiffLineKind.ADDED


def _touched(hunk: Hunk) -> Iterator[int]:
    """New lines, and the line above what was removed."""
    above = hunk.new.start
    for line in hunk.lines:
        above = line.new if line.new is not None else above
        if line.kind is not DiffLineKind.CONTEXT:
            yield max(above, 1)


def _likely(hunk: Hunk, lines: list[str]) -> tuple[int, ...]:
    """Where most of the hunk's old lines stand, if that is anywhere: the lines of it that are changed."""
    old = [line for line in hunk.lines if line.kind is not DiffLineKind.ADDED]
    where: dict[str, list[int]] = {}
    for number, text in enumerate(lines, 1):
        where.setdefault(text.strip(), []).append(number)
    votes: Counter[int] = Counter()
    for at, line in enumerate(old):
        if len(line.text.strip()) >= _TELLING_CHARACTERS:
            votes.update(number - at for number in where.get(line.text.strip(), ()))
    best = max(votes, key=lambda start: (votes[start], -abs(start - hunk.old.start)), default=0)
    if votes[best] < _LEAST_LINES:
        return ()
    start = _changed_at(hunk)
    return tuple(number for number in range(best + start[0], best + start[1] + 1) if 0 < number <= len(lines))


def _changed_at(hunk: Hunk) -> tuple[int, int]:
    """The first and the last old line that is changed or has new lines behind it, counted from 0."""
    at, found = -1, []
    for line in hunk.lines:
        at += line.kind is not DiffLineKind.ADDED
        if line.kind is not DiffLineKind.CONTEXT:
            found.append(max(at, 0))
    return (found[0], found[-1]) if found else (0, 0)
