"""What a commit message says of other commits: the upstream commit that it is a backport of, what it fixes or reverts.

The forms are those of Documentation/process/stable-kernel-rules.rst, of `git cherry-pick -x`, `git revert`, and of the
distributions that keep kernels of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A marker and a subject are shorter; a line of blanks without end would keep a pattern busy.
_LONGEST_LINE_CHARACTERS = 500
_ID = r"(?P<id>[0-9a-f]{7,40})(?![0-9a-z])"
_HOME = "(?:upstream|mainline)"
# Prose names commits in the same words: outside of brackets, the line has to end with it.
_END = r"(?:\s+\(.*\))?[\s.\])]*$"
_UPSTREAM_FORMS = (
    # commit 0123456789ab upstream. / [ commit 0123456789ab from upstream ]
    rf"[\[(]?\s*(?:this is )?commit\s+{_ID}(?:\s+\(.*\))?\s+(?:(?:from|in|of)\s+)?{_HOME}\s*(?:[.,;:\])]|$)",
    # [ Upstream commit 0123456789ab ]
    rf"[\[(]\s*{_HOME}[\s-]+commit\s*:?\s+{_ID}",
    # Upstream-commit: 0123456789ab / mainline commit 0123456789ab
    rf"{_HOME}[\s-]+commit\s*:?\s+{_ID}{_END}",
    # (cherry picked from commit 0123456789ab) / (backported from upstream commit 0123456789ab linux-next)
    rf"[\[(]?\s*(?:cherry[\s-]?picked|back-?port(?:ed)?)\s+(?:from|of)\s+(?:upstream\s+|mainline\s+)?(?:commit\s+)?{_ID}",
    # Git-commit: 0123456789ab / Upstream: commit 0123456789ab
    rf"(?:git-commit|upstream)\s*:\s*(?:commit\s+)?{_ID}",
)
_UPSTREAM = tuple(re.compile(rf"^\s*{form}", re.IGNORECASE) for form in _UPSTREAM_FORMS)
# The distributions that give the commit a line of its own name it in full.
_BARE = re.compile(r"^commit (?P<id>[0-9a-f]{40})$")
_FIXES = re.compile(rf"^\s*fixes\s*:\s*(?:commit\s+)?{_ID}", re.IGNORECASE)
_REVERTS = re.compile(rf"^\s*this reverts commit\s+{_ID}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marker:
    """`commit` is the id as written, in small letters, at least 7 digits of it; `line` counts from 1."""

    commit: str
    line: int


def upstream_markers(description: str) -> tuple[Marker, ...]:
    """The commits that this is said to be a backport of, each once."""
    found: dict[str, Marker] = {}
    for number, text in enumerate(description.split("\n"), 1):
        for form in (*_UPSTREAM, _BARE) if len(text) <= _LONGEST_LINE_CHARACTERS else ():
            matched = form.match(text)
            if matched is not None:
                commit = matched["id"].lower()
                found.setdefault(commit, Marker(commit, number))
                break
    return tuple(found.values())


def fixed(description: str) -> tuple[str, ...]:
    """The ids of its Fixes tags, as written."""
    return tuple(_ids(_FIXES, description))


def reverted(description: str) -> tuple[str, ...]:
    """The ids of the commits that it says to revert, as `git revert` words it."""
    return tuple(_ids(_REVERTS, description))


def same_commit(one: str, other: str) -> bool:
    """Whether two ids, either of them abbreviated, can be of one commit."""
    return bool(one) and bool(other) and (one.startswith(other) or other.startswith(one))


def _ids(form: re.Pattern[str], description: str) -> Iterator[str]:
    for text in description.split("\n"):
        matched = form.match(text)
        if matched is not None:
            yield matched["id"].lower()
