"""A patch -> what a reviewer would have looked up about it, inside an exact number of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from lrev.retrieve.candidate import Candidate
from lrev.retrieve.choose import choose
from lrev.retrieve.needed import Change, scores
from lrev.types import DiffLineKind, LeftOut, Passage, Patch


@dataclass(frozen=True, slots=True)
class Pack:
    """`tokens` is what the rendered passages cost together, `budget_tokens` at most."""

    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...]
    tokens: int
    budget_tokens: int

    @property
    def text(self) -> str:
        return "".join(rendered(one.source, one.title, one.text) for one in self.passages)


def rendered(source: str, title: str, text: str) -> str:
    """A passage as it is shown and counted: where it stands, then its text."""
    head = f"{title} ({source}):" if title else f"{source}:"
    return f"{head}\n{text.rstrip()}\n\n"


def pack_patch(candidates: Sequence[Candidate], patch: Patch, count: Callable[[str], int], budget_tokens: int) -> Pack:
    """`count` gives tokens; what the patch mail says itself is worth nothing in the pack."""
    count = cache(count)  # what is chosen or left is counted once more for what is said of it
    score = scores(candidates, Change(mailed(patch), new_lines(patch)))
    chosen, left = choose(candidates, score, lambda one: count(of_candidate(one)), budget_tokens)
    return packed(tuple(one.candidate for one in chosen), left, count, budget_tokens)


def packed(
    shown: Sequence[Candidate], left: Sequence[Candidate], count: Callable[[str], int], budget_tokens: int
) -> Pack:
    """As many of `shown`, from the first on, as fit together; the rest joins what is left."""
    fitting = len(shown)
    while fitting and count("".join(map(of_candidate, shown[:fitting]))) > budget_tokens:
        fitting -= 1
    passages = tuple(
        Passage(one.source, one.title, one.text, one.reason, count(of_candidate(one))) for one in shown[:fitting]
    )
    rest = (*shown[fitting:], *left)
    left_out = tuple(LeftOut(one.source, one.reason, count(of_candidate(one))) for one in rest)
    return Pack(passages, left_out, count("".join(map(of_candidate, shown[:fitting]))), budget_tokens)


def of_candidate(one: Candidate) -> str:
    return rendered(one.source, one.title, one.text)


def mailed(patch: Patch) -> str:
    """The words of a patch: its message, and its diff with what stands around it."""
    if patch.message is not None:
        return "\n".join((patch.message.subject, patch.message.body, *patch.message.attachments))
    hunks = [hunk for diff in patch.files for hunk in diff.hunks]
    lines = (text for hunk in hunks for text in (hunk.section, *(line.text for line in hunk.lines)))
    return "\n".join((patch.subject, patch.description, *(diff.path for diff in patch.files), *lines))


def new_lines(patch: Patch) -> str:
    lines = (line for diff in patch.files for hunk in diff.hunks for line in hunk.lines)
    return "\n".join(line.text for line in lines if line.kind is DiffLineKind.ADDED)
