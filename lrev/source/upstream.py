"""What an upstream repository knows of a commit: what it changed, what was there before it, what came after it."""

from __future__ import annotations

import bisect
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lrev.source.c_names import names_on
from lrev.source.git import Repository
from lrev.source.git_output import CommitText
from lrev.source.markers import fixed, reverted, same_commit
from lrev.source.patch import parse_diff
from lrev.source.tree import GitTree
from lrev.types import FileDiff

# The fewest digits that a Fixes tag abbreviates an id to; what else has them is read and left out.
_SEARCHED_DIGITS = 7
# Files that are searched for a name: those that the commit touches, the headers they include, and their neighbours, of
# which the largest drivers have some 300.
_MOST_FILES = 600
# Places where headers may be, some four for each: what one command line holds.
_MOST_HEADERS = 4 * _MOST_FILES
# Files with a name that are parsed to find the one that declares it: a tenth of a second each.
_MOST_PARSED = 10
_DELETED = "D"
_INCLUDE = re.compile(rb'^\s*#\s*include\s*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_COMMENT = re.compile(rb"/\*.*?\*/|//[^\n]*", re.DOTALL)
# Where kbuild looks for <...>.
_INCLUDE_ROOTS = ("include", "include/uapi", "arch/x86/include", "arch/arm64/include")


@dataclass(frozen=True, slots=True)
class Later:
    """A commit that came after another and says that it fixes or reverts it."""

    text: CommitText
    reverts: bool


@dataclass(frozen=True, slots=True)
class Upstream:
    """The history that leads to `tip`."""

    repository: Repository
    tip: str

    def commits(self, digits: str) -> tuple[str, ...]:
        """The commits that an id, which may be abbreviated, can mean."""
        return self.repository.commits_with_prefix(digits)

    def has(self, commit: str) -> bool:
        """Whether it is part of the history; the repository may have other branches."""
        return self.repository.is_ancestor(commit, self.tip)

    def change(self, commit: str) -> tuple[FileDiff, ...]:
        return parse_diff(self.repository.diff(commit))

    def tree(self, commit: str) -> GitTree:
        return GitTree(self.repository, commit)

    def later(self, commit: str) -> tuple[Later, ...]:
        """What fixes or reverts it, the oldest first."""
        found: list[Later] = []
        for one in self.repository.mentioning((commit[:_SEARCHED_DIGITS],), (self.tip, f"^{commit}")):
            text = self.repository.commit(one)
            reverts = any(same_commit(commit, named) for named in reverted(text.body))
            if reverts or any(same_commit(commit, named) for named in fixed(text.body)):
                found.append(Later(text, reverts))
        return tuple(reversed(found))

    def where_before(self, commit: str, names: Sequence[str], paths: Sequence[str]) -> dict[str, str]:
        """Name -> the file that had it before the commit, of those among or around `paths`: one that declares it rather
        than one that only uses it."""
        parents = self.repository.commit(commit).parents
        if not parents or not names:
            return {}
        wanted = re.compile(rb"\b(?:%s)\b" % b"|".join(re.escape(name.encode()) for name in names))
        mentions: dict[str, list[tuple[str, bytes]]] = {}
        for path, data in self._around(parents[0], paths):
            for name in sorted({one.decode() for one in wanted.findall(_without_comments(data))}):
                mentions.setdefault(name, []).append((path, data))
        return {name: _declaring(name, files) for name, files in mentions.items()}

    def introduced(self, where: Mapping[str, str], commit: str) -> dict[str, CommitText]:
        """Name -> the commit before this one that brought it to its file, which `where` gives for each. Names that came
        by a move, or whose origin cannot be told, are left out.

        Found by halving the line of first parents, so that the history's length hardly counts.
        """
        line = self.repository.first_parents(commit)[1:] if where else ()
        found = ((name, self._introduced(name, path, line)) for name, path in where.items())
        return {name: text for name, text in found if text is not None}

    def _introduced(self, name: str, path: str, line: Sequence[str]) -> CommitText | None:
        word = re.compile(rb"\b%s\b" % re.escape(name.encode()))

        def is_absent(at: str) -> bool:
            return not word.search(GitTree(self.repository, at).read(path) or b"")

        first_absent = bisect.bisect_left(line, 1, key=is_absent)
        if first_absent == 0:
            return None
        older = (f"^{line[first_absent]}",) if first_absent < len(line) else ()
        changed: dict[str, set[str]] = {}
        for change in self.repository.changing_count(name, path, (line[first_absent - 1], *older)):
            changed.setdefault(change.commit, set()).add(change.status)
        for one, statuses in changed.items():
            text = self.repository.commit(one)
            if not is_absent(one) and all(map(is_absent, text.parents)):
                return None if _DELETED in statuses else text
        return None

    def _around(self, commit: str, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The files at `paths`, then the headers they include, then their neighbours."""
        own = self.repository.ls_tree(commit, paths[:_MOST_FILES])
        touched = list(self._read(own))
        yield from touched
        included = tuple(dict.fromkeys(one for path, data in touched for one in _included(path, data)))
        headers = self.repository.ls_tree(commit, included[:_MOST_HEADERS]) if included else {}
        yield from self._read(headers)
        folders = {posixpath.dirname(path) for path in own} - {""}
        beside = self.repository.ls_tree(commit, sorted(f"{one}/" for one in folders)) if folders else {}
        seen = own.keys() | headers.keys()
        near = {path: blob for path, blob in beside.items() if posixpath.dirname(path) in folders and path not in seen}
        yield from self._read(near)

    def _read(self, blobs: dict[str, str]) -> Iterator[tuple[str, bytes]]:
        kept = [(path, blob) for path, blob in blobs.items() if path.endswith((".c", ".h"))][:_MOST_FILES]
        read = self.repository.cat_batch(blob for _, blob in kept)
        yield from ((path, data) for (path, _), (_, data) in zip(kept, read, strict=True) if data is not None)


def _declaring(name: str, files: Sequence[tuple[str, bytes]]) -> str:
    for path, data in files[:_MOST_PARSED]:
        if name in names_on(data, frozenset(range(1, data.count(b"\n") + 2))).declared:
            return path
    return files[0][0]


def _included(path: str, data: bytes) -> Iterator[str]:
    """Where the headers that a file includes may be; none outside of the tree."""
    for found in _INCLUDE.finditer(data):
        name = found[2].decode("utf-8", "surrogateescape")
        roots = (posixpath.dirname(path), *_INCLUDE_ROOTS) if found[1] == b'"' else _INCLUDE_ROOTS
        for root in roots:
            whole = posixpath.normpath(posixpath.join(root, name))
            if not whole.startswith(("../", "/")) and whole.isprintable():
                yield whole


def _without_comments(data: bytes) -> bytes:
    return _COMMENT.sub(b" ", data)
