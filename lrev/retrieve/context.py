"""Packing what the model reads about one changed function into an exact number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.choose import choose
from lrev.retrieve.code import fitting
from lrev.retrieve.needed import Change, scores
from lrev.retrieve.pack import of_candidate
from lrev.types import ChangedFunction, Context, LeftOut, Passage

Render = Callable[[ChangedFunction, str, Sequence[Passage]], str]
# The share of the budget that passages may take from a long function's code.
_CODE_SHARE = 0.7


def pack(
    function: ChangedFunction,
    candidates: Sequence[Candidate],
    render: Render,
    count: Callable[[str], int],
    limit_tokens: int,
) -> Context | None:
    """The function and what is worth most beside it: count(render(...)) never exceeds `limit_tokens` (invariant 10).

    None when not even the changed lines fit. What was found and does not fit is listed as left out. The function
    itself is shown as code, so that candidates that are parts of it play no part.
    """
    code = fitting(function, lambda text: count(render(function, text, ())) <= limit_tokens * _CODE_SHARE) or fitting(
        function, lambda text: count(render(function, text, ())) <= limit_tokens
    )
    if code is None:
        return None
    text, whole = code
    alone = count(render(function, text, ()))
    beside = [one for one in candidates if one.origin is not Origin.FUNCTION]
    cost = {id(one): count(of_candidate(one)) for one in beside}
    score = scores(beside, Change(text, _new_lines(text)))
    chosen, left = choose(beside, score, lambda one: cost[id(one)], limit_tokens - alone)
    shown = [one.candidate for one in chosen]
    passages = [Passage(one.source, one.title, one.text, one.reason, cost[id(one)]) for one in shown]
    fitting_passages = len(passages)
    while fitting_passages and count(render(function, text, passages[:fitting_passages])) > limit_tokens:
        fitting_passages -= 1
    kept = tuple(passages[:fitting_passages])
    rest = (*shown[fitting_passages:], *left)
    left_out = tuple(LeftOut(one.source, one.reason, cost[id(one)]) for one in rest)
    return Context(function, text, kept, left_out, count(render(function, text, kept)), whole)


def _new_lines(code: str) -> str:
    """Of a function as it is shown, with marks."""
    return "\n".join(line[2:] for line in code.split("\n") if line.startswith("+"))
