"""The morning page as text for mail: the same order, shorter, 72 columns wide. lrev does not send it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from lrev.batch.digest import Digest, Unread
from lrev.batch.morning import sentences, spent
from lrev.batch.morning.contents import MOST_PROVEN, Morning, Remark, Remarked, morning_of, provenances
from lrev.batch.morning.extent import extent_of, totals
from lrev.batch.morning.wording import clipped, counted, duration, no_tag, one_line, when
from lrev.log import escape
from lrev.report.reply import WIDTH_COLUMNS

# Of each list; the page has the others.
_MOST_LISTED = 10
_SUBJECT_CHARACTERS = 120
_COMMENT_CHARACTERS = 500
_INDENT = "    "


def letter(digest: Digest) -> str:
    """Without headers. Every line of it stands alone, so that no text from outside can pass for a review tag."""
    morning = morning_of(digest)
    counts = totals(extent_of(job.review) for job in morning.reviewed)
    lines = [
        *_state(digest, morning),
        *_proven(morning, sentences.nothing("proven", morning, counts)),
        *_suspected(morning, sentences.nothing("suspected", morning, counts)),
        *_section("Since the last run"),
        *_wrapped(sentences.changed(morning)),
        *_section("Coverage"),
        *[f"{one.noun}: {one.read:,} read, {one.partly:,} partly, {one.unread:,} not read" for one in counts],
        *([] if counts else ["No patch has been reviewed, so nothing was read."]),
        *_spent(digest, morning),
        *_noted(morning),
        *_ending(digest, morning),
    ]
    return no_tag("\n".join(escape(line).rstrip() for line in lines)) + "\n"


def _state(digest: Digest, morning: Morning) -> Iterator[str]:
    run = digest.run
    yield f"lrev: reviews of run {run.number}"
    yield ""
    yield from _wrapped(sentences.ran(run))
    yield from _section("Finished, failed and unread")
    yield f"finished     {len(morning.reviewed):6,}   {len(morning.fresh):,} of them in this run"
    yield f"failed       {len(morning.failed):6,}"
    deadline = "no deadline" if run.deadline is None else f"deadline {when(run.deadline)}"
    yield f"not reached  {len(morning.unreached):6,}   {deadline}"
    if morning.failed:
        yield from ("", "Failed:")
    for one in morning.failed[:_MOST_LISTED]:
        yield from _item(_unread(one), "- ")
        yield from _item(one.reason, "  ")
    yield from _more(len(morning.failed), "failed")


def _unread(one: Unread) -> str:
    return f"{one_line(one.subject, _SUBJECT_CHARACTERS)}, {one_line(one.author, _SUBJECT_CHARACTERS)}"


def _proven(morning: Morning, none: str) -> Iterator[str]:
    yield from _section("Proven by code")
    if not morning.proven:
        yield from _wrapped(none)
    for number, remark in enumerate(morning.proven[:MOST_PROVEN], 1):
        yield from _finding(number, remark)
    yield from _more(len(morning.proven), "proven", MOST_PROVEN)


def _finding(number: int, remark: Remark) -> Iterator[str]:
    finding, review = remark.finding, remark.job.review
    place = f"{finding.path}:{finding.line}" if finding.path else f"commit message, line {finding.line}"
    function = f", {finding.function}()" if finding.function else ""
    yield from _item(f"{'NEW ' if remark.new else ''}{place}{function}", f"{number:2}. ")
    author = review.patch.author.name or review.patch.author.address
    yield from _item(f"{review.patch.subject}, {author}", _INDENT)
    if finding.quote.strip():
        yield ""
        yield clipped(f"{_INDENT}> {one_line(finding.quote, WIDTH_COLUMNS)}", WIDTH_COLUMNS)
        yield ""
    yield from _item(finding.comment, _INDENT)
    yield from _item(f"[{finding.certainty.value}; {finding.origin}]", _INDENT)
    if remark.job.reply_path:
        yield f"{_INDENT}{one_line(remark.job.reply_path, _COMMENT_CHARACTERS)}"
    yield ""


def _suspected(morning: Morning, none: str) -> Iterator[str]:
    yield from _section("Suspected")
    if not morning.suspected:
        yield from _wrapped(none)
    for one in morning.suspected[:_MOST_LISTED]:
        yield from _item(_remarked(one), "- ")
    yield from _more(len(morning.suspected), "with suspected findings")


def _remarked(one: Remarked) -> str:
    new = f", {one.new} new" if one.new else ""
    subject = one_line(one.job.review.patch.subject, _SUBJECT_CHARACTERS)
    return f"{subject}: {counted(len(one.remarks), 'finding')}{new} (worth {one.job.worth:.3g})"


def _spent(digest: Digest, morning: Morning) -> Iterator[str]:
    yield from _section("Time and tokens by stage")
    if morning.reviewed:
        for stage in spent.stage_times(morning.reviewed):
            yield f"{clipped(stage.name, 24):24} {duration(stage.run_seconds):>14} this run"
    tokens = digest.tokens
    yield from _wrapped(
        f"Tokens in this run: {tokens.read:,} read, {tokens.reused:,} reused, {tokens.written:,} written."
    )


def _noted(morning: Morning) -> Iterator[str]:
    if morning.noted:
        yield from _section("Noted, and no defect")
        count = sum(len(one.remarks) for one in morning.noted)
        yield f"{counted(count, 'remark')} on {counted(len(morning.noted), 'patch', 'patches')}; the page has them."


def _ending(digest: Digest, morning: Morning) -> Iterator[str]:
    yield ""
    yield from _wrapped(sentences.DRAFTS)
    yield from _wrapped(f"Tree {digest.run.tree}; model {digest.run.model or 'none, code alone'}.")
    for one, count in provenances(morning.reviewed):
        model = f"model {one.model} ({one.model_sha256[:12]})" if one.model else "code alone"
        made = f"lrev {one.lrev}, {model}; index {one.index}, prompts {one.prompts_sha256[:12]}"
        yield from _wrapped(f"{counted(count, 'review')} by {made}.")


def _section(title: str) -> Sequence[str]:
    return ("", title, "-" * len(title), "")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(one_line(text, 4 * _COMMENT_CHARACTERS), WIDTH_COLUMNS)


def _item(text: str, mark: str) -> list[str]:
    """Wrapped behind its mark; a word longer than a line is broken."""
    return textwrap.wrap(
        one_line(text, _COMMENT_CHARACTERS),
        WIDTH_COLUMNS,
        initial_indent=mark,
        subsequent_indent=" " * len(mark),
        break_on_hyphens=False,
    )


def _more(count: int, what: str, most: int = _MOST_LISTED) -> Iterator[str]:
    if count > most:
        yield f"and {count - most:,} more {what}; the page has them."
