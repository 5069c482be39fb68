"""A patch as text again, for programs that read one: as git would print the commit."""

from __future__ import annotations

from collections.abc import Iterator

from lrev.types import FileDiff, FileStatus, Hunk, Patch, Span


def patch_text(patch: Patch) -> str:
    """From, Subject and message, then the diffs; what is binary has no hunks."""
    author = f"{patch.author.name} <{patch.author.address}>".strip()
    head = ["From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001"]
    head += [f"From: {author}", f"Subject: [PATCH] {patch.subject}", "", patch.description, "---", ""]
    return "\n".join([*head, *(line for diff in patch.files for line in diff_lines(diff)), "-- ", ""])


def diff_lines(diff: FileDiff) -> Iterator[str]:
    """One file of a unified diff."""
    yield f"diff --git a/{diff.old_path} b/{diff.new_path}"
    if diff.status is FileStatus.ADDED:
        yield "new file mode 100644"
    if diff.status is FileStatus.DELETED:
        yield "deleted file mode 100644"
    if diff.hunks:
        yield "--- /dev/null" if diff.status is FileStatus.ADDED else f"--- a/{diff.old_path}"
        yield "+++ /dev/null" if diff.status is FileStatus.DELETED else f"+++ b/{diff.new_path}"
    for hunk in diff.hunks:
        yield from _hunk_lines(hunk)


def _hunk_lines(hunk: Hunk) -> Iterator[str]:
    section = f" {hunk.section}" if hunk.section else ""
    yield f"@@ -{_range(hunk.old)} +{_range(hunk.new)} @@{section}"
    for line in hunk.lines:
        yield f"{line.kind.value}{line.text}"


def _range(span: Span) -> str:
    """An empty side stands behind the line before it."""
    count = span.end - span.start + 1
    return f"{span.start if count else span.start - 1},{count}"
