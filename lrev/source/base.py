"""What a series was made for: the tree state it is laid on, how that was found, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrev.errors import InputError
from lrev.source.apply import apply
from lrev.source.git import Repository
from lrev.source.tree import GitTree, OverlayTree, Tree
from lrev.types import Base, BaseHow, FileDiff, FileStatus, Patch, Series


def find_base(series: Series, tree: Tree, repository: Repository | None) -> tuple[Base, Tree]:
    """The base and the tree at it. Surest first: the parent, base-commit, blob ids, names (docs/review.md)."""
    named = next((patch.base_commit for patch in series.patches if patch.base_commit), "")
    parent = series.patches[0].commit if series.patches else ""
    if repository is not None and parent:
        parents = repository.commit(parent).parents
        if parents:
            return _judged(series, GitTree(repository, parents[0]), BaseHow.PARENT)
    if repository is not None and named and repository.exists(named):
        return _judged(series, GitTree(repository, repository.rev_parse(named)), BaseHow.BASE_COMMIT)
    restored = _with_blobs(series, tree, repository)
    return _judged(series, restored, None)


def _with_blobs(series: Series, tree: Tree, repository: Repository | None) -> Tree:
    """`tree` with the pre-images that the diff names by blob id, where git has them and the tree has others."""
    if repository is None:
        return tree
    files: dict[str, bytes | None] = {}
    for diff in _first_touches(series.patches):
        if diff.old_blob and not _matches(tree, diff):
            data = repository.cat_file(diff.old_blob)
            if data is not None:
                files[diff.old_path] = data
    return OverlayTree(tree, files) if files else tree


def _judged(series: Series, tree: Tree, how: BaseHow | None) -> tuple[Base, Tree]:
    touched = tuple(_first_touches(series.patches))
    with_blobs = [diff for diff in touched if diff.old_blob]
    matched = sum(_matches(tree, diff) for diff in with_blobs)
    present = sum(tree.read(diff.old_path) is not None for diff in touched)
    problem = _problem(series.patches, tree)
    if how is None:
        by_blobs = bool(with_blobs) and matched == len(with_blobs)
        how = BaseHow.BLOBS if by_blobs else BaseHow.NAMES if present or not touched else BaseHow.NONE
    sure = how is not BaseHow.NAMES and how is not BaseHow.NONE
    counted = (matched, len(with_blobs)) if sure and with_blobs else (present, len(touched))
    return Base(how, tree.name, tree.commit, *counted, applies=not problem, problem=problem), tree


def _first_touches(patches: Sequence[Patch]) -> Iterator[FileDiff]:
    """Of each file that must exist before the series, the first diff: the later ones are made for its result."""
    seen: set[str] = set()
    for patch in patches:
        for diff in patch.files:
            if diff.old_path not in seen and diff.status is not FileStatus.ADDED:
                yield diff
            seen |= {diff.old_path, diff.new_path}


def _matches(tree: Tree, diff: FileDiff) -> bool:
    blob = tree.blob(diff.old_path)
    return blob is not None and bool(diff.old_blob) and blob.startswith(diff.old_blob)


def _problem(patches: Sequence[Patch], tree: Tree) -> str:
    """Why the first file that does not apply does not; "" when all do. Binary files are not held against it."""
    current = tree
    for patch in patches:
        files: dict[str, bytes | None] = {}
        for diff in patch.files:
            if diff.binary:
                continue
            before = None if diff.status is FileStatus.ADDED else current.read(diff.old_path)
            if diff.status is FileStatus.RENAMED:
                files[diff.old_path] = None
            try:
                files[diff.path] = apply(before, diff)
            except InputError as error:
                return error.message
        current = OverlayTree(current, files)
    return ""
