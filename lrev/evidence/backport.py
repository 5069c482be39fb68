"""A backport against the upstream commit that it names: what it adds, what it leaves out, what it has in another form.

Lines are compared as written, white space included; where they stand and what stands around them does not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from lrev.evidence.changed_runs import Changed, Run, key_of, paired, runs
from lrev.source.patch_id import patch_id
from lrev.source.patch_text import diff_lines
from lrev.types import DiffLineKind, FileDiff, Hunk, Patch, Suspicion

NAME = "backport"
DIFFERS = "differs from its upstream commit"

# Comments of one patch; the rest is counted. A backport that had to be rewritten is read beside its original anyway.
_MOST_COMMENTS = 8
_QUOTED_LINES = 3
_NAMED_FILES = 6
_QUOTED_CHARACTERS = 60
# Changed lines of a file that runs in common have left over; aligning more takes seconds and tells nothing.
_MOST_ALIGNED_LINES = 2000


def differences(patch: Patch, upstream: Sequence[FileDiff], marker_line: int) -> tuple[Suspicion, ...]:
    """Comments on lines of the patch, and at line `marker_line` of its message for what it leaves out.

    () when both change the same, whatever the context.
    """
    if _same_id(patch.files, upstream):
        return ()
    found = tuple(_differences(patch.files, upstream, marker_line))
    if len(found) <= _MOST_COMMENTS:
        return found
    rest = len(found) - _MOST_COMMENTS
    more = f"{rest} more places differ from the upstream commit."
    return (*found[:_MOST_COMMENTS], _remark("", marker_line, more))


def contains(after: bytes | None, diff: FileDiff) -> bool:
    """Whether a file's text already is as `diff` makes it: what it adds stands there with the lines around it, or, of a
    diff that only removes, what it removes is gone."""
    text = _squeezed(after.decode("utf-8", "replace").split("\n")) if after is not None else ""
    added = [run for hunk in diff.hunks for run in _sides(hunk, DiffLineKind.ADDED)]
    if added:
        return all(_squeezed(run) in text for run in added)
    removed = [run for hunk in diff.hunks for run in _sides(hunk, DiffLineKind.REMOVED)]
    return bool(removed) and not any(_squeezed(run) in text for run in removed)


def _same_id(files: Sequence[FileDiff], upstream: Sequence[FileDiff]) -> bool:
    one, other = (patch_id("\n".join(line for diff in side for line in diff_lines(diff))) for side in (files, upstream))
    return one == other


def _differences(files: Sequence[FileDiff], upstream: Sequence[FileDiff], marker_line: int) -> Iterator[Suspicion]:
    pairs = dict(paired(files, upstream))
    for diff in files:
        theirs = pairs.get(diff.path, ())
        own = runs((diff,))
        if not theirs and own:
            yield _remark(diff.path, own[0][0].shown, "the upstream commit does not touch this file.", marker_line)
        else:
            yield from _of_file(diff.path, own, runs(theirs), marker_line)
    taken = {one.path for theirs in pairs.values() for one in theirs}
    left = tuple(dict.fromkeys(one.path for one in upstream if one.path not in taken))
    if left:
        sizes = ((path, sum(map(len, runs([one for one in upstream if one.path == path])))) for path in left)
        named = [f"{path} ({_count(lines, 'changed line')})" for path, lines in sizes]
        more = [_count(len(left) - _NAMED_FILES, "more file")] if len(left) > _NAMED_FILES else []
        shown = ", ".join([*named[:_NAMED_FILES], *more])
        yield _remark("", marker_line, f"this leaves out what the upstream commit changes in {shown}.")


def _of_file(path: str, own: list[Run], theirs: list[Run], marker_line: int) -> Iterator[Suspicion]:
    own, theirs = _without_common(own, theirs)
    mine, other = ([one for run in side for one in run] for side in (own, theirs))
    if max(len(mine), len(other)) > _MOST_ALIGNED_LINES:
        shown = mine[0].shown if mine else 0
        yield _remark(path, shown, f"most of the change to {path} is another than upstream's.", marker_line)
        return
    matcher = SequenceMatcher(None, [one.key for one in mine], [one.key for one in other], autojunk=False)
    for tag, start, end, their_start, their_end in matcher.get_opcodes():
        if tag != "equal":
            yield _block(path, mine[start:end], other[their_start:their_end], marker_line)


def _block(path: str, mine: Sequence[Changed], other: Sequence[Changed], marker_line: int) -> Suspicion:
    if not mine:
        return _remark("", marker_line, f"in {path} this leaves out what upstream has: {_quoted(other)}.")
    shown = next((one.shown for one in mine if one.shown), 0)
    if other:
        return _remark(path, shown, f"this differs from upstream, which has: {_quoted(other)}.", marker_line)
    return _remark(path, shown, f"upstream does not have this: {_quoted(mine)}.", marker_line)


def _without_common(own: list[Run], theirs: list[Run]) -> tuple[list[Run], list[Run]]:
    """Runs that both sides have are the same change wherever they stand."""
    common = Counter(map(key_of, own)) & Counter(map(key_of, theirs))
    return _less(own, common), _less(theirs, common)


def _less(these: list[Run], common: Counter[tuple[str, ...]]) -> list[Run]:
    left, kept = common.copy(), []
    for run in these:
        if left[key_of(run)] > 0:
            left[key_of(run)] -= 1
        else:
            kept.append(run)
    return kept


def _sides(hunk: Hunk, kind: DiffLineKind) -> Iterator[list[str]]:
    """Each stretch of lines of this kind with the line before and the line after it on that side of the diff."""
    side = [line for line in hunk.lines if line.kind in (kind, DiffLineKind.CONTEXT)]
    marked = [line.kind is kind for line in side]
    at = 0
    while at < len(side):
        if not marked[at]:
            at += 1
            continue
        end = next((one for one in range(at, len(side)) if not marked[one]), len(side))
        yield [line.text for line in side[max(0, at - 1) : end + 1]]
        at = end


def _squeezed(lines: Sequence[str]) -> str:
    return "\n" + "\n".join(" ".join(line.split()) for line in lines if line.strip()) + "\n"


def _quoted(lines: Sequence[Changed]) -> str:
    """The first lines, each with its sign, and how many more there are."""
    shown = ", ".join(f'"{_cut(one.key)}"' for one in lines[:_QUOTED_LINES])
    rest = len(lines) - _QUOTED_LINES
    return f"{shown} and {_count(rest, 'more line')}" if rest > 0 else shown


def _cut(key: str) -> str:
    text = f"{key[0]} {' '.join(key[1:].split())}"
    return text if len(text) <= _QUOTED_CHARACTERS else text[: _QUOTED_CHARACTERS - 3] + "..."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def _remark(path: str, line: int, message: str, marker_line: int = 0) -> Suspicion:
    """At the marker where the patch shows no line for it."""
    if not path or not line:
        return Suspicion(NAME, DIFFERS, "", "", marker_line or line, f"{path}: {message}" if path else message, ())
    return Suspicion(NAME, DIFFERS, path, "", line, message, ())
