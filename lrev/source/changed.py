"""Which functions a diff changes, and which of its hunks lie outside any."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrev.source.c_code import functions, parse
from lrev.types import ChangedFunction, DiffLineKind, FileDiff, FunctionSource, Hunk

# An empty line or one of a comment, by how it begins.
_SILENT = re.compile(r"\s*(?:$|/\*(?!.*\*/\s*\S)|\*(?:[\s/]|$)|//)")


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """`outside` are positions of hunks with a changed line that no function holds, before or after."""

    path: str
    functions: tuple[ChangedFunction, ...]
    outside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Touched:
    """The changed lines of a file, each with the hunk it stands in."""

    added: dict[int, int]
    removed: dict[int, int]


def added_lines(diff: FileDiff) -> frozenset[int]:
    """Their numbers in the post-image."""
    lines = (line for hunk in diff.hunks for line in hunk.lines if line.kind is DiffLineKind.ADDED)
    return frozenset(line.new for line in lines if line.new is not None)


def changed_functions(diff: FileDiff, before: bytes | None, after: bytes | None) -> ChangedFile:
    """C only. A line that was removed counts for the function of that name; a removed function has `after` None."""
    old = _by_occurrence(functions(parse(before)) if before else ())
    new = _by_occurrence(functions(parse(after)) if after else ())
    touched = _touched(diff)
    found: list[ChangedFunction] = []
    for key in dict.fromkeys((*new, *old)):
        one = _changed(diff, old.get(key), new.get(key), touched)
        if one is not None:
            found.append(one)
    inside_new = {line for one in found if one.after for line in one.changed}
    inside_old = {line for one in found if one.before for line in one.removed}
    outside = {touched.added[line] for line in touched.added.keys() - inside_new}
    outside |= {touched.removed[line] for line in touched.removed.keys() - inside_old}
    return ChangedFile(diff.path, tuple(found), tuple(sorted(outside)))


def _by_occurrence(sources: tuple[FunctionSource, ...]) -> dict[tuple[str, int], FunctionSource]:
    """A name can be defined more than once, under #ifdef: the n-th is compared with the n-th."""
    found: dict[tuple[str, int], FunctionSource] = {}
    for source in sources:
        place = sum(name == source.name for name, _ in found)
        found[source.name, place] = source
    return found


def _touched(diff: FileDiff) -> _Touched:
    added: dict[int, int] = {}
    removed: dict[int, int] = {}
    for place, hunk in enumerate(diff.hunks):
        for line in _with_moves(hunk):
            added.update({line[1]: place} if line[1] is not None else {})
            removed.update({line[0]: place} if line[0] is not None else {})
    return _Touched(added, removed)


def _with_moves(hunk: Hunk) -> list[tuple[int | None, int | None]]:
    """Old and new number of each changed line that says something to a compiler."""
    changed = (line for line in hunk.lines if line.kind is not DiffLineKind.CONTEXT)
    return [(line.old, line.new) for line in changed if not _SILENT.match(line.text)]


def _changed(
    diff: FileDiff, before: FunctionSource | None, after: FunctionSource | None, touched: _Touched
) -> ChangedFunction | None:
    changed = frozenset(line for line in touched.added if after is not None and line in after.span)
    removed = frozenset(line for line in touched.removed if before is not None and line in before.span)
    if not changed and not removed:
        return None
    hunks = {touched.added[line] for line in changed} | {touched.removed[line] for line in removed}
    source = after or before
    assert source is not None
    return ChangedFunction(diff.path, source.name, before, after, changed, removed, tuple(sorted(hunks)))
