"""The checks that code runs on every changed function, before and after, so that old defects are told from new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lrev.evidence import (
    alive_after_free,
    array_bound,
    byte_order,
    checked_late,
    dropped_result,
    error_pointer,
    freed_registered,
    freed_under_readers,
    integer_width,
    known_bad,
    leak_on_error,
    lock_on_return,
    managed_release,
    misleading_indentation,
    missing_error,
    narrow_bitmap,
    never_negative,
    other_pointers_error,
    positive_errno,
    rcu_pointer,
    relied_on,
    sleep_in_atomic,
    unbounded,
    unchecked_allocation,
    uncopied_bytes,
    uninitialised,
    unset_bytes,
    unwinding,
    use_after_free,
    wrong_size,
)
from lrev.evidence.defect import Defect, FunctionImage, lines, read_image, trace
from lrev.evidence.knowledge import Knowledge
from lrev.types import ChangedFunction, FunctionSource, Suspicion

__all__ = ["CHECKS", "Checked", "Knowledge", "inspect", "run"]

CHECKS: tuple[Callable[[FunctionImage], Iterator[Defect]], ...] = (
    lock_on_return.check,
    leak_on_error.check,
    unchecked_allocation.check,
    error_pointer.check,
    missing_error.check,
    checked_late.check,
    array_bound.check,
    positive_errno.check,
    uncopied_bytes.check,
    uninitialised.check,
    never_negative.check,
    sleep_in_atomic.check,
    use_after_free.check,
    known_bad.check,
    freed_registered.check,
    rcu_pointer.check,
    dropped_result.check,
    misleading_indentation.check,
    narrow_bitmap.check,
    other_pointers_error.check,
    byte_order.check,
    integer_width.check,
    wrong_size.check,
    managed_release.check,
    alive_after_free.check,
    freed_under_readers.check,
    unset_bytes.check,
    unbounded.check,
    unwinding.check,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`followed` is false for a function with more paths than are followed: its silence means nothing."""

    suspicions: tuple[Suspicion, ...]
    followed: bool


def run(function: ChangedFunction, before: bytes | None, after: bytes, knowledge: Knowledge) -> tuple[Suspicion, ...]:
    """The suspicions of inspect()."""
    return inspect(function, before, after, knowledge).suspicions


def inspect(function: ChangedFunction, before: bytes | None, after: bytes, knowledge: Knowledge) -> Checked:
    """What the post-image does wrong, once for each lock or variable; `before` and `after` are the whole files."""
    image = _image(function.after, after, knowledge, function.path, function.changed)
    if image is None:
        return Checked((), followed=True)  # that it was not read whole is known from the function itself
    found = [defect for check in CHECKS for defect in check(image)]
    said = (*_new(found, image, function, before, knowledge), *relied_on.check(function, before, after, knowledge))
    return Checked(said, followed=not image.gave_up)


def _new(
    found: list[Defect], image: FunctionImage, function: ChangedFunction, before: bytes | None, knowledge: Knowledge
) -> tuple[Suspicion, ...]:
    if not found:
        return ()
    old = _image(function.before, before, knowledge, function.path)
    known = {defect.identity for check in CHECKS for defect in check(old)} if old is not None else set()
    groups = (_touched(group, image, function) for group in _grouped(found))
    return tuple(_suspicion(group, image, function, group[0].identity in known) for group in groups if group)


def _image(
    source: FunctionSource | None,
    data: bytes | None,
    knowledge: Knowledge,
    path: str,
    changed: frozenset[int] = frozenset(),
) -> FunctionImage | None:
    return read_image(source, data, knowledge, path, changed) if source is not None and data is not None else None


def _grouped(found: Iterable[Defect]) -> Iterable[list[Defect]]:
    groups: dict[tuple[str, str, str], list[Defect]] = {}
    for defect in found:
        groups.setdefault(defect.identity, []).append(defect)
    return groups.values()


def _touched(group: list[Defect], image: FunctionImage, function: ChangedFunction) -> list[Defect]:
    """The paths through changed lines, the easiest to follow first.

    Where lines were removed a path without a changed line can be new too; otherwise it is none of the patch's.
    """
    touched = [defect for defect in group if lines(defect, image) & function.changed]
    return sorted(touched or (group if function.removed else []), key=lambda defect: len(defect.path))


def _suspicion(group: list[Defect], image: FunctionImage, function: ChangedFunction, pre_existing: bool) -> Suspicion:
    first = group[0]
    line = image.line(first.path[-1])
    others = sorted({image.line(defect.path[-1]) for defect in group} - {line})
    also = f" The same at line {', '.join(map(str, others))}." if others else ""
    return Suspicion(
        check=first.check,
        mechanism=first.mechanism,
        path=function.path,
        function=function.name,
        line=line,
        message=first.message + also,
        trace=trace(first, image),
        rests_on=first.rests_on,
        pre_existing=pre_existing,
        subject=first.subject,
    )
