"""What was read, partly read and not read, and by whom: one line a hunk, function and rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrev.rules.triggers import Match
from lrev.types import ChangedFunction, Coverage, FileDiff, Hunk, ReadState

if TYPE_CHECKING:
    from lrev.review.images import FileImages

CODE = "code"
MODEL = "model"


def hunk_name(diff: FileDiff, hunk: Hunk) -> str:
    return f"{diff.path}:@@ -{hunk.old.start} +{hunk.new.start} @@"


def function_name(function: ChangedFunction) -> str:
    return f"{function.path}:{function.name}()"


def rule_answered(match: Match, function: ChangedFunction, reason: str) -> Coverage:
    return Coverage("rule", _rule_name(match, function), ReadState.READ, CODE, reason)


def rule_asked(match: Match, function: ChangedFunction) -> Coverage:
    return Coverage("rule", _rule_name(match, function), ReadState.READ, MODEL)


def rule_unasked(match: Match, function: ChangedFunction, why: str) -> Coverage:
    return Coverage("rule", _rule_name(match, function), ReadState.NOT_READ, MODEL, why)


def function_by_model(function: ChangedFunction, state: ReadState, why: str = "") -> Coverage:
    if state is ReadState.PARTLY and not why:
        why = "longer than the prompt budget: the model saw the lines around the change"
    return Coverage("function", function_name(function), state, MODEL, why)


def function_by_code(function: ChangedFunction, *, followed: bool) -> Coverage:
    """A function with a part the parser could not read, or with too many paths, is partly read: that proves nothing."""
    after = function.after
    if after is None:
        return Coverage("function", function_name(function), ReadState.READ, CODE, "removed by the patch")
    if not followed:
        why = "it has more paths than the checks follow; none was followed"
        return Coverage("function", function_name(function), ReadState.PARTLY, CODE, why)
    if after.whole:
        return Coverage("function", function_name(function), ReadState.READ, CODE)
    why = "a part of it could not be parsed; no path through that part was followed"
    return Coverage("function", function_name(function), ReadState.PARTLY, CODE, why)


def hunks(image: FileImages) -> tuple[Coverage, ...]:
    """Each hunk of a file: read when all of it lies in functions that were checked, else why not."""
    name = f"{image.diff.path}"
    if image.changed is None:
        if not image.diff.hunks:
            return (Coverage("file", name, ReadState.NOT_READ, CODE, image.problem),)
        return tuple(
            Coverage("hunk", hunk_name(image.diff, hunk), ReadState.NOT_READ, CODE, image.problem)
            for hunk in image.diff.hunks
        )
    inside = {place for function in image.changed.functions for place in function.hunks}
    return tuple(
        _hunk(image, place, inside=place in inside, outside=place in image.changed.outside)
        for place in range(len(image.diff.hunks))
    )


def _hunk(image: FileImages, place: int, *, inside: bool, outside: bool) -> Coverage:
    subject = hunk_name(image.diff, image.diff.hunks[place])
    if not outside:
        return Coverage("hunk", subject, ReadState.READ, CODE)
    why = "lines outside any function (declarations, macros, data) are read by no check yet"
    return Coverage("hunk", subject, ReadState.PARTLY if inside else ReadState.NOT_READ, CODE, why)


def _rule_name(match: Match, function: ChangedFunction) -> str:
    on = f" on {match.call}()" if match.call else ""
    return f"{match.rule.id}{on} at {function.path}:{match.line}"
