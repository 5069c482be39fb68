"""What was read and what was not, in the words of a reply."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from lrev.types import BaseHow, Coverage, Provenance, ReadState, Review

_WIDTH_COLUMNS = 72
# Unread subjects named one by one; the rest are counted. The JSON form lists them all.
_NAMED_SUBJECTS = 6


def read_lines(review: Review) -> Iterator[str]:
    """Always says what was not read, and never that nothing was found in it."""
    if not review.findings:
        yield from textwrap.wrap(_no_comment(review), _WIDTH_COLUMNS)
        yield ""
    yield from textwrap.wrap(_base(review), _WIDTH_COLUMNS)
    yield from _counted("hunk", [line for line in review.coverage if line.kind in ("hunk", "file", "patch")])
    yield from _counted("function", [line for line in review.coverage if line.kind == "function" and line.by == "code"])
    yield from _rules([line for line in review.coverage if line.kind == "rule"])
    yield from _by_model(review)
    yield from _by_programs([line for line in review.coverage if line.kind == "program"])


def _no_comment(review: Review) -> str:
    hunks = [line for line in review.coverage if line.kind in ("hunk", "file", "patch")]
    if all(line.state is ReadState.READ for line in review.coverage):
        return "No comment on what was read."
    if any(line.state is not ReadState.NOT_READ for line in hunks):
        return "No comment on what was read. What was not read is listed below."
    return "Nothing of this patch could be read, so nothing is said about it."


def _base(review: Review) -> str:
    base = review.base
    if base.how is BaseHow.NONE:
        return f"Base: not found. {base.problem}".strip()
    if not base.files_total and not base.problem:
        return "Base: the patch changes no file that was there before."
    commit = f" {base.commit[:12]}" if base.commit else ""
    sure = f"{base.files_matched} of {base.files_total} files match"
    problem = f"; {base.problem}" if base.problem else ""
    return f"Base:{commit} found by {base.how.value} ({sure}){problem}."


def _counted(noun: str, lines: Sequence[Coverage]) -> Iterator[str]:
    if not lines:
        return
    read = sum(line.state is ReadState.READ for line in lines)
    yield f"Read by the checks: {read} of {len(lines)} {noun}{'s' if len(lines) != 1 else ''}."
    short = [line for line in lines if line.state is not ReadState.READ]
    yield from _named(short)


def _rules(lines: Sequence[Coverage]) -> Iterator[str]:
    if not lines:
        return
    code = sum(line.by == "code" for line in lines)
    asked = sum(line.by == "model" and line.state is ReadState.READ for line in lines)
    left = len(lines) - code - asked
    text = f"Rules that apply: {len(lines)}; answered by code {code}, by the model {asked}, not asked {left}."
    yield from textwrap.wrap(text, _WIDTH_COLUMNS)


def _by_model(review: Review) -> Iterator[str]:
    lines = [line for line in review.coverage if line.kind == "function" and line.by == "model"]
    read = sum(line.state is ReadState.READ for line in lines)
    if lines:
        yield f"Functions read by {review.provenance.model}: {read} whole, of {len(lines)} with open questions."
        yield from textwrap.wrap(_qualified(review.provenance), _WIDTH_COLUMNS)
    for line in [line for line in lines if line.state is not ReadState.READ][:_NAMED_SUBJECTS]:
        text = f"{line.state.value} by the model: {line.subject}: {line.why}"
        yield from textwrap.wrap(text, _WIDTH_COLUMNS, initial_indent="  ", subsequent_indent="    ")


def _qualified(provenance: Provenance) -> str:
    if not provenance.qualification:
        return f"What {provenance.model} is good for was not measured."
    return f"Qualification of {provenance.model}: {provenance.qualification}."


def _by_programs(lines: Sequence[Coverage]) -> Iterator[str]:
    for name in dict.fromkeys(line.by for line in lines):
        own = [line for line in lines if line.by == name]
        short = [line for line in own if line.state is not ReadState.READ]
        yield f"Run on request: {name}, {len(own) - len(short)} of {len(own)} done."
        yield from _named(short, "not done")


def _named(lines: Sequence[Coverage], state: str = "") -> Iterator[str]:
    """The first few with their reasons; the rest is counted."""
    for line in lines[:_NAMED_SUBJECTS]:
        text = f"{state or line.state.value}: {line.subject}: {line.why}"
        yield from textwrap.wrap(text, _WIDTH_COLUMNS, initial_indent="  ", subsequent_indent="    ")
    if len(lines) > _NAMED_SUBJECTS:
        yield f"  and {len(lines) - _NAMED_SUBJECTS} more, not or partly read"
