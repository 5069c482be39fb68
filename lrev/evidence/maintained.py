"""Which section of MAINTAINERS covers a file, and new files that none does, so that patches to them reach nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lrev.source.tree import Tree
from lrev.types import FileStatus, Patch, Suspicion

NAME = "maintainers"
MECHANISM = "new file without a maintainer"

_FILE = "MAINTAINERS"
_SECTION = re.compile(r"\n\s*\n")
_PATTERN = re.compile(r"^([FXN]):\s*(\S+)", re.MULTILINE)
_KEPT = 4


def check(patch: Patch, tree: Tree) -> Iterator[Suspicion]:
    """`tree` has MAINTAINERS as it is after the patch; without one nothing is said."""
    added = [diff for diff in patch.files if diff.status is FileStatus.ADDED and diff.hunks]
    data = tree.read(_FILE) if added else None
    if not data:
        return
    sections = _sections(data)
    for diff in added:
        if not any(_covers(section, diff.path) for section in sections):
            message = f"no section of MAINTAINERS but THE REST covers `{diff.path}`."
            yield Suspicion(NAME, MECHANISM, diff.path, "", 1, message, (), subject=diff.path)


def subsystem(paths: Sequence[str], tree: Tree) -> str:
    """The section that covers most of the files, of several the one that names them most closely; "" without any."""
    data = tree.read(_FILE)
    covering = [
        (sum(_covers(one, path) for path in paths), one.closeness(paths), one.title)
        for one in (_sections(data) if data else ())
    ]
    files, _, title = max(covering, default=(0, 0, ""))
    return title if files else ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def closeness(self, paths: Sequence[str]) -> int:
        """Characters of the longest of its patterns that matches one of the paths."""
        found = (len(one.pattern) for kind, one in self.patterns if kind == "F" and any(map(one.match, paths)))
        return max(found, default=0)


@lru_cache(_KEPT)
def _sections(data: bytes) -> tuple[Section, ...]:
    """The patterns of each section, the one that covers everything left out."""
    found: list[Section] = []
    for text in _SECTION.split(data.decode("utf-8", "replace")):
        named = _PATTERN.findall(text)
        patterns = tuple((kind, _expression(kind, one)) for kind, one in named if one not in {"*", "*/"})
        if any(kind in "FN" for kind, _ in patterns):
            found.append(Section(text.strip().partition("\n")[0], patterns))
    return tuple(found)


def _covers(section: Section, path: str) -> bool:
    if any(kind == "X" and one.match(path) for kind, one in section.patterns):
        return False
    return any(one.search(path) if kind == "N" else one.match(path) for kind, one in section.patterns if kind != "X")


def _expression(kind: str, pattern: str) -> re.Pattern[str]:
    """`dir/` covers what is below it, `dir/*` only what is in it (the head of MAINTAINERS itself)."""
    try:
        if kind == "N":
            return re.compile(pattern)
    except re.error:
        return re.compile("$^")
    expression = "".join({"*": "[^/]*", "?": "[^/]"}.get(one, re.escape(one)) for one in pattern)
    if pattern.endswith("/"):
        return re.compile(expression)
    return re.compile(f"{expression}$" if "*" in pattern.rpartition("/")[2] else f"{expression}(?:/.*)?$")
