"""Applying a diff to a file in memory, as git apply does: at its place or at an offset, never with fuzz."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lrev.errors import InputError
from lrev.types import DiffLineKind, FileDiff, FileStatus, Hunk

_OLD = (DiffLineKind.CONTEXT, DiffLineKind.REMOVED)
_NEW = (DiffLineKind.CONTEXT, DiffLineKind.ADDED)
# A mail's text was decoded; a file that is not UTF-8 was most likely written in Latin-1.
_ENCODINGS = ("utf-8", "latin-1")


class PatchDoesNotApply(InputError):
    """The message names the file and the hunk."""


@dataclass(frozen=True, slots=True)
class Applied:
    """`after` is the post-image, None where the file is deleted.

    The lines of `diff` carry their numbers in the two images; its hunks keep the ranges that the mail states.
    """

    after: bytes | None
    diff: FileDiff


def apply(data: bytes | None, diff: FileDiff) -> bytes | None:
    """The post-image; None where the file is deleted. Raises PatchDoesNotApply."""
    return apply_at(data, diff).after


def apply_at(data: bytes | None, diff: FileDiff) -> Applied:
    """The post-image, and the diff with the lines numbered where they were found. Raises PatchDoesNotApply."""
    if diff.binary:
        raise PatchDoesNotApply(f"'{diff.path}' is changed as binary data")
    if data is None and diff.status is not FileStatus.ADDED:
        raise PatchDoesNotApply(f"'{diff.old_path}' does not exist")
    failed = 0
    for encoding in _ENCODINGS:
        result = _apply(data or b"", diff, encoding)
        if isinstance(result, Applied):
            return replace(result, after=None) if diff.status is FileStatus.DELETED else result
        failed = result
    raise PatchDoesNotApply(f"'{diff.path}': hunk {failed + 1} at line {diff.hunks[failed].old.start} does not match")


def _apply(data: bytes, diff: FileDiff, encoding: str) -> Applied | int:
    """The result, or the position of the hunk that does not match."""
    lines = data.split(b"\n")
    ends_in_newline = lines[-1] == b""
    if ends_in_newline:
        lines.pop()
    crlf = bool(lines) and all(line.endswith(b"\r") for line in lines)
    olds = [_side(hunk, _OLD, encoding, crlf) for hunk in diff.hunks]
    places = _places(lines, olds, [hunk.old.start - 1 for hunk in diff.hunks])
    if isinstance(places, int):
        return places
    output: list[bytes] = []
    hunks: list[Hunk] = []
    copied = 0
    for hunk, old, place in zip(diff.hunks, olds, places, strict=True):
        output += lines[copied:place]
        hunks.append(_moved(hunk, place - hunk.old.start + 1, len(output) - hunk.new.start + 1))
        output += _side(hunk, _NEW, encoding, crlf)
        copied = place + len(old)
    output += lines[copied:]
    at_end = bool(diff.hunks) and copied == len(lines)
    newline = diff.hunks[-1].new_newline if at_end else ends_in_newline or not lines
    after = b"\n".join(output) + (b"\n" if newline and output else b"")
    return Applied(after, replace(diff, hunks=tuple(hunks)))


def _moved(hunk: Hunk, old: int, new: int) -> Hunk:
    """The hunk with its lines numbered `old` and `new` farther down."""
    if old == new == 0:
        return hunk
    lines = (
        replace(
            line,
            old=None if line.old is None else line.old + old,
            new=None if line.new is None else line.new + new,
        )
        for line in hunk.lines
    )
    return replace(hunk, lines=tuple(lines))


def _places(lines: list[bytes], olds: list[list[bytes]], expected: list[int]) -> list[int] | int:
    """Where each hunk goes, in order and each as near as it can be to where it is expected; else the one that fails.

    Alike stretches can take a hunk away from the next one, so the latest place of each is found first, from the end.
    """
    candidates = [_candidates(lines, old, place) for old, place in zip(olds, expected, strict=True)]
    latest: list[int] = []
    end = len(lines)
    for at in reversed(range(len(olds))):
        fitting = [place for place in candidates[at] if place + len(olds[at]) <= end]
        if not fitting:
            return at
        end = max(fitting)
        latest.insert(0, end)
    places: list[int] = []
    floor = offset = 0
    for old, wanted, last, possible in zip(olds, expected, latest, candidates, strict=True):
        inside = [place for place in possible if floor <= place <= last]
        if not inside:
            return len(places)
        place = min(inside, key=lambda place: (abs(place - wanted - offset), place))
        places.append(place)
        floor, offset = place + len(old), place - wanted
    return places


def _candidates(lines: list[bytes], old: list[bytes], expected: int) -> list[int]:
    """Every place where `old` stands; an empty `old` goes where it is expected."""
    if not old:
        return [min(expected, len(lines))]
    return [at for at, line in enumerate(lines) if line == old[0] and lines[at : at + len(old)] == old]


def _side(hunk: Hunk, kinds: tuple[DiffLineKind, ...], encoding: str, crlf: bool) -> list[bytes]:
    """One side of a hunk as bytes; a CR that the mail has lost is put back where all of the file has it."""
    texts = (line.text for line in hunk.lines if line.kind in kinds)
    errors = "surrogateescape" if encoding == "utf-8" else "replace"
    lines = [text.encode(encoding, errors) for text in texts]
    return [line if not crlf or line.endswith(b"\r") else line + b"\r" for line in lines]
