"""What `git show` and `git log -p` print -> patches in order of application."""

from __future__ import annotations

import re
from dataclasses import replace

from lrev.source.patch import parse_diff
from lrev.types import Address, Patch

_COMMIT = re.compile(r"^commit ([0-9a-f]{7,64})\b[^\n]*\n(?=(?:Merge|Author|tree)[: ])", re.MULTILINE)
_AUTHOR = re.compile(r"^Author:[ \t]*(.*?)[ \t]*<([^<>\n]*)>", re.MULTILINE)
_MESSAGE_INDENT = "    "


def is_git_log(text: str) -> bool:
    return _COMMIT.match(text.lstrip()) is not None


def logged_patches(text: str) -> tuple[Patch, ...]:
    """The commits that bring a diff, the oldest first: git prints the newest first. Raises InputError."""
    starts = [found.start() for found in _COMMIT.finditer(text)]
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    found = [patch for piece in reversed(pieces) if (patch := _patch(piece)).files]
    return tuple(replace(patch, part=part, total=len(found)) for part, patch in enumerate(found, 1))


def _patch(piece: str) -> Patch:
    head, _, rest = piece.partition("\n\n")
    commit, author = _COMMIT.match(piece), _AUTHOR.search(head)
    lines: list[str] = []
    for line in rest.split("\n"):
        # git indents the message; what stands at the margin is the diff or a separator before it.
        if line and not line.startswith(_MESSAGE_INDENT):
            break
        lines.append(line.removeprefix(_MESSAGE_INDENT))
    subject, _, body = "\n".join(lines).strip("\n").partition("\n")
    return Patch(
        subject=subject.strip(),
        author=Address(author[1], author[2]) if author else Address("", ""),
        description=body.strip("\n"),
        files=parse_diff(rest),
        commit=commit[1] if commit else "",
    )
