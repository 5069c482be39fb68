"""The text of a changed function as the model reads it: new lines marked, far lines left out when it is long."""

from __future__ import annotations

from collections.abc import Callable

from lrev.types import ChangedFunction

# Lines kept around a changed line when the whole function does not fit: a condition and its error path, as a rule.
_WINDOW_LINES = (24, 12, 6, 3, 1, 0)
_HEAD_LINES = 3  # the signature
_CUT = "  [...]"


def marked(function: ChangedFunction, window: int | None = None) -> str:
    """The post-image with `+` before new lines; with `window`, only lines that near to one, and the signature."""
    assert function.after is not None
    first = function.after.span.start
    lines = function.after.text.split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines, first):
        near = window is None or number < first + _HEAD_LINES or _near(number, function.changed, window)
        if near:
            kept.append(f"{'+' if number in function.changed else ' '} {line}")
        elif kept[-1] != _CUT:
            kept.append(_CUT)
    return "\n".join(kept)


def _near(number: int, changed: frozenset[int], window: int) -> bool:
    return any(line in changed for line in range(number - window, number + window + 1))


def fitting(function: ChangedFunction, fits: Callable[[str], bool]) -> tuple[str, bool] | None:
    """The most of the function that fits, and whether it is the whole; None when not even its changed lines do."""
    whole = marked(function)
    if fits(whole):
        return whole, True
    texts = (marked(function, window) for window in _WINDOW_LINES)
    return next(((text, False) for text in texts if fits(text)), None)
