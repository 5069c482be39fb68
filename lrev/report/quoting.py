"""Quoting a patch as a reply does: the hunks that are commented on, trimmed, each comment below its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lrev.types import DiffLine, DiffLineKind, FileDiff, FileStatus, Finding, Hunk

# Lines kept above a commented line: what a reader needs to recognise the place. Nothing is kept below it.
_LINES_ABOVE = 12
_MESSAGE_LINES_ABOVE = 3
_CUT = "> [...]"

Comment = Callable[[Finding], list[str]]


def quoted_file(diff: FileDiff, findings: Sequence[Finding], comment: Comment) -> Iterator[str]:
    """The file's header and its commented hunks, `> ` before each line; a finding on no shown line is not lost."""
    yield from (f"> {line}" for line in _header(diff))
    for hunk in diff.hunks:
        own = {line.new for line in hunk.lines if line.kind is not DiffLineKind.REMOVED}
        inside = [finding for finding in findings if finding.line in own]
        if inside:
            yield from _quoted_hunk(hunk, inside, comment)


def quoted_message(description: str, findings: Sequence[Finding], comment: Comment) -> Iterator[str]:
    """The lines of the message that are commented on, each with a few above it."""
    lines = description.split("\n")
    done = 0
    for number in sorted({finding.line for finding in findings}):
        begin = max(done, number - 1 - _MESSAGE_LINES_ABOVE)
        if begin > done:
            yield _CUT
        yield from (f"> {line}".rstrip() for line in lines[begin:number])
        for finding in findings:
            if finding.line == number:
                yield from comment(finding)
        done = number
    if done < len(lines):
        yield _CUT


def _header(diff: FileDiff) -> tuple[str, str]:
    old = "/dev/null" if diff.status is FileStatus.ADDED else f"a/{diff.old_path}"
    return f"--- {old}", f"+++ b/{diff.new_path}"


def _quoted_hunk(hunk: Hunk, findings: Sequence[Finding], comment: Comment) -> Iterator[str]:
    section = f" {hunk.section}" if hunk.section else ""
    yield f"> @@ -{_range(hunk.old.start, hunk.old.end)} +{_range(hunk.new.start, hunk.new.end)} @@{section}"
    done = 0
    for line in sorted({finding.line for finding in findings}):
        place = next(
            at for at, one in enumerate(hunk.lines) if one.new == line and one.kind is not DiffLineKind.REMOVED
        )
        begin = max(done, place - _LINES_ABOVE)
        if begin > done:
            yield _CUT
        yield from (_quoted(one) for one in hunk.lines[begin : place + 1])
        for finding in findings:
            if finding.line == line:
                yield from comment(finding)
        done = place + 1
    if done < len(hunk.lines):
        yield _CUT


def _quoted(line: DiffLine) -> str:
    return f"> {line.kind.value}{line.text}"


def _range(start: int, end: int) -> str:
    """As git writes it: the count is left out when it is 1."""
    count = end - start + 1
    return str(start) if count == 1 else f"{start},{count}"
