"""Listing trees: which file is which blob, reading only what size or time says has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lrev.indexing.listing import File, Listing
from lrev.indexing.parsing import is_indexed
from lrev.indexing.pool import Task, Tasks
from lrev.indexing.progress import Progress
from lrev.indexing.sources import TreeSource
from lrev.source.git import blob_id
from lrev.source.tree import DirectoryTree, Skipped

_REPORT_EVERY_FILES = 500


@dataclass(slots=True)
class ListedTree:
    """A tree as it is now. `reread` counts the files that were read because they are new or look changed."""

    source: TreeSource
    tree: DirectoryTree
    files: list[File] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)  # (path, why)
    reread: int = 0


def list_tree(source: TreeSource, before: Listing | None, progress: Progress) -> ListedTree:
    """`before` is the listing of the last generation; a file of the same size and time is taken to be the same."""
    listed = ListedTree(source, DirectoryTree(source.root, source.within))
    known = {file.path: file for file in before.files(source.name)} if before is not None else {}
    for number, entry in enumerate(listed.tree.walk(is_indexed), 1):
        if number % _REPORT_EVERY_FILES == 0:
            progress("listing files", number, 0)
        file = known.get(entry.path)
        if file is not None and file.size == entry.size and file.mtime_ns == entry.mtime_ns:
            listed.files.append(file)
            continue
        listed.reread += 1
        data = listed.tree.read_walked(entry.path)
        if data is None:
            listed.tree.skipped.append(Skipped(entry.path, "not readable"))
        else:
            listed.files.append(File(source.name, entry.path, blob_id(data), entry.size, entry.mtime_ns))
    listed.skipped = [(skipped.path, skipped.why) for skipped in listed.tree.skipped]
    return listed


def new_files(trees: Sequence[ListedTree], known: frozenset[str]) -> Tasks:
    """The files whose blob no segment holds, each blob once."""
    found: dict[str, tuple[ListedTree, str]] = {}
    for tree in trees:
        for file in tree.files:
            if file.blob not in known:
                found.setdefault(file.blob, (tree, file.path))
    return Tasks(_read(found), len(found))


def _read(found: dict[str, tuple[ListedTree, str]]) -> Iterator[Task]:
    for blob, (tree, path) in found.items():
        data = tree.tree.read_walked(path)
        # A file that changes while the index is built is taken up by the next build, which sees its new time.
        if data is not None and blob_id(data) == blob:
            yield Task(path, blob, "", data)
