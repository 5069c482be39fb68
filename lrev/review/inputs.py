"""INPUT of `lrev review` -> series laid on their base."""

from __future__ import annotations

from collections.abc import Iterator

from lrev.source.base import find_base
from lrev.source.git import Repository
from lrev.source.series import read_input
from lrev.source.tree import Tree
from lrev.types import Base, Series


def laid_series(
    source: str, data: bytes | None, tree: Tree, repository: Repository | None
) -> Iterator[tuple[Series, Base, Tree]]:
    """Each series with the base it was found to be made for, and the tree at that base."""
    for series in read_input(source, data, repository):
        base, base_tree = find_base(series, tree, repository)
        yield series, base, base_tree
