"""Benchmark cases: a patch that brought a bug, the fix, and the files before, with and after it.

A directory holds `cases.jsonl` and the patches it names. `culprit` is the mail that introduced a bug which was fixed
later; `reversed` is a fix turned round, for want of the mail, and so no patch that anybody would have written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from lrev.errors import InputError
from lrev.paths import below
from lrev.source.apply import apply_at
from lrev.source.changed import changed_functions
from lrev.source.mail_text import decode_bytes
from lrev.source.patch import parse_diff
from lrev.source.tree import Tree
from lrev.types import ChangedFunction, DiffLine, DiffLineKind, FileDiff, FileStatus, Hunk

_C_SUFFIXES = {".c", ".h"}
_REVERSED_KIND = {DiffLineKind.ADDED: DiffLineKind.REMOVED, DiffLineKind.REMOVED: DiffLineKind.ADDED}
_REVERSED_STATUS = {FileStatus.ADDED: FileStatus.DELETED, FileStatus.DELETED: FileStatus.ADDED}

Files = Mapping[str, bytes | None]


class CaseKind(StrEnum):
    CULPRIT = "culprit"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Case:
    """`patch` brings the bug, `fix` takes it out; both fit the tree that `history` is given."""

    name: str
    kind: CaseKind
    patch: tuple[FileDiff, ...]
    fix: tuple[FileDiff, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A step from one state of the files to the next; the diffs' lines are numbered as they stand there."""

    before: Files
    after: Files
    diffs: tuple[FileDiff, ...]

    def functions(self) -> Iterator[ChangedFunction]:
        """Of C files."""
        for diff in self.diffs:
            if PurePosixPath(diff.path).suffix in _C_SUFFIXES:
                changed = changed_functions(diff, self.before.get(diff.old_path), self.after.get(diff.new_path))
                yield from changed.functions


def load_cases(directory: Path, pattern: str = "") -> tuple[Case, ...]:
    """Those whose name begins with `pattern`. Raises InputError."""
    try:
        rows = [json.loads(line) for line in (directory / "cases.jsonl").read_text().splitlines() if line.strip()]
        return tuple(_case(directory, row) for row in rows if row["case"].startswith(pattern))
    except OSError as error:
        raise InputError(f"cannot read the cases of '{directory}': {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"'{directory / 'cases.jsonl'}' is not as it should be: {error!r}") from error


def history(case: Case, tree: Tree) -> tuple[Change, Change]:
    """The change that brings the bug and the one that mends it. Raises InputError where they do not fit the tree."""
    paths = {path for diff in (*case.patch, *case.fix) for path in (diff.old_path, diff.new_path)}
    fixed: Files = {path: tree.read(path) for path in paths}
    buggy = _undone(fixed, case.fix)
    before = fixed if case.kind is CaseKind.REVERSED else _undone(buggy, case.patch)
    return _done(before, case.patch), _done(buggy, case.fix)


def turned(diff: FileDiff) -> FileDiff:
    """The diff that undoes it."""
    return replace(
        diff,
        old_path=diff.new_path,
        new_path=diff.old_path,
        status=_REVERSED_STATUS.get(diff.status, diff.status),
        old_blob=diff.new_blob,
        new_blob=diff.old_blob,
        hunks=tuple(map(_turned_hunk, diff.hunks)),
    )


def _turned_hunk(hunk: Hunk) -> Hunk:
    lines = tuple(DiffLine(_REVERSED_KIND.get(one.kind, one.kind), one.text, one.new, one.old) for one in hunk.lines)
    return Hunk(hunk.new, hunk.old, hunk.section, lines, hunk.new_newline, hunk.old_newline)


def _case(directory: Path, row: Mapping[str, str]) -> Case:
    fix = _diffs(directory, row["fix"])
    patch = _diffs(directory, row["patch"]) if row["patch"] else tuple(map(turned, fix))
    return Case(row["case"], CaseKind(row["kind"]), patch, fix)


def _diffs(directory: Path, name: str) -> tuple[FileDiff, ...]:
    return parse_diff(decode_bytes(below(directory, name).read_bytes()))


def _undone(files: Files, diffs: Sequence[FileDiff]) -> Files:
    return _done(files, tuple(map(turned, diffs))).after


def _done(files: Files, diffs: Sequence[FileDiff]) -> Change:
    after = dict(files)
    numbered: list[FileDiff] = []
    for diff in diffs:
        applied = apply_at(None if diff.status is FileStatus.ADDED else files.get(diff.old_path), diff)
        if diff.old_path != diff.new_path:
            after[diff.old_path] = None
        after[diff.new_path] = applied.after
        numbered.append(applied.diff)
    return Change(files, after, tuple(numbered))
