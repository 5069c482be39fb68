"""The changed lines of two diffs, stretch by stretch, so that the same change is known wherever it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lrev.types import DiffLine, DiffLineKind, FileDiff, Hunk


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed line; `shown` is the line of the post-image to comment on for it, 0 when the hunk has none."""

    line: DiffLine
    shown: int

    @property
    def key(self) -> str:
        return self.line.kind.value + self.line.text


Run = tuple[Changed, ...]


def paired(files: Sequence[FileDiff], upstream: Sequence[FileDiff]) -> Iterator[tuple[str, tuple[FileDiff, ...]]]:
    """Path -> the upstream diffs of that file, which may have another folder there."""
    theirs: dict[str, list[FileDiff]] = {}
    for one in upstream:
        theirs.setdefault(one.path, []).append(one)
    own = {diff.path for diff in files}
    moved = Counter(PurePosixPath(path).name for path in theirs if path not in own)
    for diff in files:
        name = PurePosixPath(diff.path).name
        if diff.path in theirs:
            yield diff.path, tuple(theirs[diff.path])
        elif moved[name] == 1 and sum(PurePosixPath(path).name == name for path in own - theirs.keys()) == 1:
            there = next(path for path in theirs if path not in own and PurePosixPath(path).name == name)
            yield diff.path, tuple(theirs[there])


def key_of(run: Run) -> tuple[str, ...]:
    return tuple(one.key for one in run)


def runs(diffs: Sequence[FileDiff]) -> list[Run]:
    """Stretches of changed lines between context lines; blank ones tell nothing."""
    found: list[Run] = []
    for diff in diffs:
        for hunk in diff.hunks:
            run: list[Changed] = []
            for at, line in enumerate(hunk.lines):
                if line.kind is DiffLineKind.CONTEXT:
                    found += [tuple(run)] if run else []
                    run = []
                elif line.text.strip():
                    run.append(Changed(line, _shown(hunk, at)))
            found += [tuple(run)] if run else []
    return found


def _shown(hunk: Hunk, at: int) -> int:
    """The line itself or, where it is gone, the next one that stays, else the last before it."""
    near = (*hunk.lines[at:], *reversed(hunk.lines[:at]))
    return next((one.new for one in near if one.new is not None and one.kind is not DiffLineKind.REMOVED), 0)
