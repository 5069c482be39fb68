"""What is to be indexed: trees and archives as given, merged with those the index already has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import UsageError
from lrev.indexing.layout import Generation, MailRecord, TreeRecord
from lrev.source.tree import kernel_root


@dataclass(frozen=True, slots=True)
class TreeSource:
    """The sub-paths `within` of the tree at `root`; () means all of it."""

    name: str
    root: Path
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    trees: tuple[TreeSource, ...] = ()
    mail: tuple[Path, ...] = ()


def sources_of(trees: Sequence[Path], mail: Sequence[Path]) -> Sources:
    """`trees` are kernel trees or directories of one, Documentation/ among them."""
    found: list[TreeSource] = []
    for directory in trees:
        if not directory.is_dir():
            raise UsageError(f"'{directory}' is not a directory", "give a kernel tree or any directory of one")
        root, below = kernel_root(directory)
        found.append(TreeSource(root.name, root, (below,) if below else ()))
    for path in mail:
        if not path.exists():
            raise UsageError(f"no mail at '{path}'", "give a public-inbox, an mbox, a Maildir or a mail file")
    return Sources(tuple(found), tuple(path.resolve() for path in mail))


def merged(sources: Sources, recorded: Generation | None) -> Sources:
    """Sources given are added to the recorded ones; the same root merges its sub-paths. Raises UsageError for none."""
    before = _recorded(recorded.trees, recorded.mail) if recorded is not None else Sources()
    by_root: dict[Path, TreeSource] = {}
    for tree in (*before.trees, *sources.trees):
        root = tree.root.resolve()
        known = by_root.get(root)
        if known is None:
            taken = {other.name for other in by_root.values()}
            by_root[root] = TreeSource(_free_name(tree.name or root.name, taken), root, _outermost(tree.within))
        else:
            within = _outermost((*known.within, *tree.within)) if known.within and tree.within else ()
            by_root[root] = TreeSource(known.name, root, within)
    mail = dict.fromkeys((*before.mail, *(path.resolve() for path in sources.mail)))
    if not by_root and not mail:
        raise UsageError("nothing to index", "run 'lrev index --tree DIR', '--docs DIR' or '--mail PATH'")
    return Sources(tuple(by_root.values()), tuple(mail))


def _recorded(trees: Iterable[TreeRecord], mail: Iterable[MailRecord]) -> Sources:
    return Sources(
        tuple(TreeSource(tree.name, Path(tree.root), tree.within) for tree in trees),
        tuple(Path(record.path) for record in mail),
    )


def _outermost(within: Sequence[str]) -> tuple[str, ...]:
    """Sorted, without those that lie below another."""
    kept: list[str] = []
    for path in sorted({one.strip("/") for one in within}):
        if not any(path == other or path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return tuple(kept)


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    free = name
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free
