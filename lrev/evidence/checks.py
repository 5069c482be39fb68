"""The checks that code runs on every changed function, before and after, so that old defects are told from new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lrev.evidence import leak_on_error, lock_on_return
from lrev.evidence.defect import Defect, FunctionImage, Knowledge, lines, read_image, trace
from lrev.types import ChangedFunction, FunctionSource, Suspicion

__all__ = ["CHECKS", "Knowledge", "run"]

CHECKS: tuple[Callable[[FunctionImage], Iterator[Defect]], ...] = (lock_on_return.check, leak_on_error.check)


def run(function: ChangedFunction, before: bytes | None, after: bytes, knowledge: Knowledge) -> tuple[Suspicion, ...]:
    """What the post-image does wrong; `before` and `after` are the whole files. At most one for a line and subject."""
    image = _image(function.after, after, knowledge)
    if image is None:
        return ()
    found = [defect for check in CHECKS for defect in check(image)]
    if not found:
        return ()
    old = _image(function.before, before, knowledge)
    known = {defect.identity for check in CHECKS for defect in check(old)} if old is not None else set()
    chosen = (_shortest(group, image, function) for group in _grouped(found))
    return tuple(_suspicion(one, image, function, one.identity in known) for one in chosen if one is not None)


def _image(source: FunctionSource | None, data: bytes | None, knowledge: Knowledge) -> FunctionImage | None:
    return read_image(source, data, knowledge) if source is not None and data is not None else None


def _grouped(found: Iterable[Defect]) -> Iterable[list[Defect]]:
    groups: dict[tuple[tuple[str, str, str], int], list[Defect]] = {}
    for defect in found:
        groups.setdefault((defect.identity, defect.path[-1].line), []).append(defect)
    return groups.values()


def _shortest(group: list[Defect], image: FunctionImage, function: ChangedFunction) -> Defect | None:
    """The path that is easiest to follow, through changed lines where there is one.

    A path without a changed line can be new too, where lines were removed; otherwise it is none of the patch's.
    """
    touched = [defect for defect in group if lines(defect, image) & function.changed]
    candidates = touched or (group if function.removed else [])
    return min(candidates, key=lambda defect: len(defect.path), default=None)


def _suspicion(defect: Defect, image: FunctionImage, function: ChangedFunction, pre_existing: bool) -> Suspicion:
    return Suspicion(
        check=defect.check,
        mechanism=defect.mechanism,
        path=function.path,
        function=function.name,
        line=image.line(defect.path[-1]),
        message=defect.message,
        trace=trace(defect, image),
        rests_on=defect.rests_on,
        pre_existing=pre_existing,
    )
