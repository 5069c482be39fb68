"""Which tree a review is for, and what of an index with several trees it sees: of each tree one version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import UsageError
from lrev.indexing.layout import TreeRecord
from lrev.indexing.listing import Listing
from lrev.indexing.reader import Index
from lrev.indexing.tree_names import TreeSource, tree_source
from lrev.source.git import Repository
from lrev.source.tree import DirectoryTree, GitTree, Tree

# Branches of one kernel years apart share more of their paths than this; a driver and a kernel share a Makefile.
_SHARED_PATHS = 0.5


@dataclass(frozen=True, slots=True)
class Reviewed:
    """`repository` is None for a plain directory. `names` are the indexed trees to be seen, the one it is for first."""

    tree: Tree
    repository: Repository | None
    names: tuple[str, ...]


def reviewed(index: Index, given: str | None) -> Reviewed:
    """`given` is the name of an indexed tree or [NAME=]DIR[@REF]; without it, the first tree of the index is meant.

    Raises UsageError when there is no such tree, GitError when there is no such commit.
    """
    named = _named(index, given)
    source = TreeSource(named.name, Path(named.root), named.within, named.ref) if named else _given(given)
    if not source.root.is_dir():
        raise UsageError(f"tree '{source.root}' is not there", "give the tree that the patch is for with --tree DIR")
    repository = Repository.at(source.root)
    tree: Tree = DirectoryTree(source.root)
    if repository is not None and (source.ref or repository.top is None):
        tree = GitTree(repository, repository.rev_parse(source.ref or "HEAD"))
    record = named or nearest(index, tree)
    others = [one.name for one in index.trees]
    return Reviewed(tree, repository, _beside(index.listing, record.name, others) if record else ())


def nearest(index: Index, tree: Tree) -> TreeRecord | None:
    """The indexed tree at the same place, for a commit rather the same commit; else the first: another checkout."""

    def nearness(record: TreeRecord) -> tuple[bool, bool, bool]:
        here = record.root == tree.name
        return here, here and bool(record.ref) == bool(tree.commit), here and record.commit == tree.commit

    return max(index.trees, key=nearness, default=None)


def _named(index: Index, given: str | None) -> TreeRecord | None:
    """What is there as a directory is taken as one, also when a tree has that name."""
    if given is None:
        return next(iter(index.trees), None)
    return None if Path(given).is_dir() else next((one for one in index.trees if one.name == given), None)


def _given(given: str | None) -> TreeSource:
    return tree_source(given) if given is not None else TreeSource("", Path())


def _beside(listing: Listing, name: str, others: Sequence[str]) -> tuple[str, ...]:
    """`name` first, then those of `others`, in their order, that are no version of one before: drivers, say."""
    kept = [name]
    for other in others:
        if other not in kept and not any(_are_versions(listing, other, one) for one in kept):
            kept.append(other)
    return tuple(kept)


def _are_versions(listing: Listing, one: str, other: str) -> bool:
    smaller = min(listing.count_below_top(one), listing.count_below_top(other))
    return 0 < smaller * _SHARED_PATHS <= listing.count_shared(one, other)
