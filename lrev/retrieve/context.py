"""Packing what the model reads about one changed function into an exact number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lrev.retrieve.code import fitting
from lrev.retrieve.search import Candidate
from lrev.types import ChangedFunction, Context, LeftOut, Passage

Render = Callable[[ChangedFunction, str, Sequence[Passage]], str]
# The share of the budget that passages may take from a long function's code.
_CODE_SHARE = 0.7


def pack(
    function: ChangedFunction,
    candidates: Iterable[Candidate],
    render: Render,
    count: Callable[[str], int],
    limit_tokens: int,
) -> Context | None:
    """The function and as many passages as fit: count(render(...)) never exceeds `limit_tokens` (invariant 10).

    None when not even the changed lines fit. Passages are tried in order; a long one is left out and listed, and a
    shorter one behind it may still come in.
    """
    code = fitting(function, lambda text: count(render(function, text, ())) <= limit_tokens * _CODE_SHARE) or fitting(
        function, lambda text: count(render(function, text, ())) <= limit_tokens
    )
    if code is None:
        return None
    text, whole = code
    used = count(render(function, text, ()))
    passages: list[Passage] = []
    left_out: list[LeftOut] = []
    for candidate in candidates:
        cost = count(candidate.text)
        passage = Passage(candidate.source, candidate.title, candidate.text, candidate.reason, cost)
        total = count(render(function, text, (*passages, passage)))
        if total <= limit_tokens:
            passages.append(passage)
            used = total
        else:
            left_out.append(LeftOut(candidate.source, candidate.reason, cost))
    return Context(function, text, tuple(passages), tuple(left_out), used, whole)
