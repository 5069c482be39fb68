"""[NAME=]DIR[@REF]: how a tree is named on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import UsageError
from lrev.source.git import Repository
from lrev.source.roots import kernel_root, path_below
from lrev.source.tree import is_text

_NAME = re.compile(r"[A-Za-z0-9][\w.+-]*")
_HINT = "give a kernel tree or any directory of one, NAME=DIR, or DIR@REF for a commit of a git repository"


@dataclass(frozen=True, slots=True)
class TreeSource:
    """The sub-paths `within` of the tree at `root`, () for all of it; as a directory, or as git's commit `ref`.

    `named` says that the user chose the name.
    """

    name: str
    root: Path
    within: tuple[str, ...] = ()
    ref: str = ""
    named: bool = False


def tree_source(text: str) -> TreeSource:
    """What is there as a directory wins, so that a path may hold '=' and '@'. Raises UsageError and GitError."""
    for name, directory, ref in _readings(text):
        if directory.is_dir():
            if not is_text(str(directory.resolve())):
                raise UsageError(f"the path '{directory}' is not UTF-8", "rename it")
            return _of_commit(name, directory, ref) if ref else _of_directory(name, directory)
    raise UsageError(f"'{text}' is not a directory", _HINT)


def _readings(text: str) -> Iterator[tuple[str, Path, str]]:
    """(name, directory, ref) in all ways the text can be read, the longest directory first."""
    name, equals, rest = text.partition("=")
    named = ((name, rest),) if equals and _NAME.fullmatch(name) else ()
    for given, place in (("", text), *named):
        yield given, Path(place).expanduser(), ""
    for given, place in (("", text), *named):
        for at in reversed([match.start() for match in re.finditer("@", place)]):
            if place[:at] and place[at + 1 :]:
                yield given, Path(place[:at]).expanduser(), place[at + 1 :]


def _of_directory(name: str, directory: Path) -> TreeSource:
    root, below = kernel_root(directory)
    return TreeSource(name or root.name, root, (below,) if below else (), named=bool(name))


def _of_commit(name: str, directory: Path, ref: str) -> TreeSource:
    """Of a directory in a work tree, that directory of the commit."""
    resolved = directory.resolve()
    for top in (resolved, *resolved.parents):
        repository = Repository.at(top)
        if repository is not None:
            repository.rev_parse(ref)
            below = "" if repository.top is None else path_below(top, resolved)
            root = repository.top or repository.git_directory
            return TreeSource(
                name or f"{root.name.removesuffix('.git')}@{ref}",
                root,
                (below,) if below else (),
                ref,
                named=bool(name),
            )
    raise UsageError(f"'{directory}' is in no git repository", "without '@REF' a directory is read as it is")
