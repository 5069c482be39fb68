"""Listing trees: which file is which blob, reading only what size or time says has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lrev.errors import GitError, UsageError
from lrev.indexing.layout import Generation, TreeRecord, listing_path
from lrev.indexing.listing import File, Listing
from lrev.indexing.parsing import is_indexed
from lrev.indexing.pool import Task, Tasks
from lrev.indexing.progress import Progress
from lrev.indexing.tree_names import TreeSource
from lrev.source.git import Repository, blob_id
from lrev.source.tree import DirectoryTree, GitTree, Skipped
from lrev.source.tree import Listing as Entry

# Enough to keep a disk busy; hashing takes one core at most.
_READERS = 4
_FILES_A_BATCH = 64
_REPORT_EVERY_FILES = 500
_HINT = "if it was moved or is not mounted, bring it back, or take it out with 'lrev index --remove {}'"


@dataclass(slots=True)
class ListedTree:
    """A tree as it is now. `reread` counts the files that were read because they are new or look changed."""

    source: TreeSource
    tree: DirectoryTree | GitTree | None  # None when it is gone, and `files` are those it had
    files: list[File] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    reread: int = 0


@dataclass(frozen=True, slots=True)
class Before:
    """A tree in the generation before: its record, its files and what was skipped."""

    record: TreeRecord
    files: tuple[File, ...]
    skipped: tuple[Skipped, ...]


def list_trees(
    sources: Sequence[TreeSource], directory: Path, before: Generation | None, progress: Progress
) -> tuple[ListedTree, ...]:
    """`before` is the last generation in `directory`; a file of the same size and time is taken to be the same."""
    if before is None:
        return tuple(list_tree(source, None, progress) for source in sources)
    listing = Listing(listing_path(directory, before.number))
    try:
        return tuple(list_tree(source, _before(source, before, listing), progress) for source in sources)
    finally:
        listing.close()


def list_tree(source: TreeSource, before: Before | None, progress: Progress) -> ListedTree:
    """A tree that is gone keeps what was read of it. Raises UsageError and GitError for one that was never read."""
    try:
        listed = _list_commit(source, before) if source.ref else _list_sources(source, before, progress)
    except (UsageError, GitError) as error:
        if before is None:
            raise
        return ListedTree(source, None, list(before.files), [Skipped("", f"{error.message}; what it had is kept")])
    return listed


def _before(source: TreeSource, generation: Generation, listing: Listing) -> Before | None:
    """None when the name stood for another tree."""
    for record in generation.trees:
        if (record.name, record.root, record.ref) == (source.name, str(source.root), source.ref):
            skipped = (one for one in generation.skipped if one.source == source.name and not one.lasting)
            passed_over = tuple(Skipped(one.path, one.why) for one in skipped if one.path)
            return Before(record, tuple(listing.files(source.name)), passed_over)
    return None


def list_directory(source: TreeSource, known: Mapping[str, File], progress: Progress) -> ListedTree:
    """`known` are files by path as they were read before; `files` have the name of `source`."""
    tree = DirectoryTree(source.root, source.within)
    listed = ListedTree(source, tree, skipped=tree.skipped)
    entries = list(_counted(tree.walk(is_indexed), progress))
    blobs = _blobs_of(tree, [entry.path for entry in entries if not _is_known(known.get(entry.path), entry)])
    listed.reread = len(blobs)
    for entry in entries:
        if entry.path not in blobs:
            listed.files.append(known[entry.path])
        elif blob := blobs[entry.path]:
            listed.files.append(File(source.name, entry.path, blob, entry.size, entry.mtime_ns))
        else:
            tree.skipped.append(Skipped(entry.path, "not readable"))
    return listed


def _counted(entries: Iterator[Entry], progress: Progress) -> Iterator[Entry]:
    for number, entry in enumerate(entries, 1):
        if number % _REPORT_EVERY_FILES == 0:
            progress("listing files", number, 0)
        yield entry


def _is_known(file: File | None, entry: Entry) -> bool:
    return file is not None and file.size == entry.size and file.mtime_ns == entry.mtime_ns


def _blobs_of(tree: DirectoryTree, paths: Sequence[str]) -> dict[str, str]:
    """The blob id of each file, "" for one that cannot be read. Several are read at once: most of it is waiting."""

    def read(batch: Sequence[str]) -> list[tuple[str, str]]:
        found = ((path, tree.read_walked(path)) for path in batch)
        return [(path, blob_id(data) if data is not None else "") for path, data in found]

    batches = [paths[at : at + _FILES_A_BATCH] for at in range(0, len(paths), _FILES_A_BATCH)]
    with ThreadPoolExecutor(_READERS) as readers:
        return dict(pair for batch in readers.map(read, batches) for pair in batch)


def _list_sources(source: TreeSource, before: Before | None, progress: Progress) -> ListedTree:
    listed = list_directory(source, {file.path: file for file in before.files} if before else {}, progress)
    if not listed.files:
        # A disk that is not mounted leaves an empty directory, or none.
        raise UsageError(f"nothing to index in tree '{source.root}'", _HINT.format(source.name))
    return listed


def _list_commit(source: TreeSource, before: Before | None) -> ListedTree:
    repository = Repository.open(source.root)
    tree = GitTree(repository, repository.rev_parse(source.ref), source.within)
    if before is not None and (before.record.commit, before.record.within) == (tree.commit, source.within):
        return ListedTree(source, tree, list(before.files), list(before.skipped))
    files = [File(source.name, entry.path, entry.blob, entry.size or 0, 0) for entry in tree.walk(is_indexed)]
    return ListedTree(source, tree, files, tree.skipped)


def new_files(trees: Sequence[ListedTree], known: frozenset[str]) -> Tasks:
    """The files whose blob no segment holds, each blob once."""
    seen: set[str] = set(known)
    found: list[tuple[DirectoryTree | GitTree, dict[str, str]]] = []
    for listed in trees:
        wanted = {file.blob: file.path for file in reversed(listed.files) if file.blob not in seen}
        seen |= wanted.keys()
        if listed.tree is not None and wanted:
            found.append((listed.tree, dict(reversed(wanted.items()))))
    return Tasks(_read(found), sum(len(wanted) for _, wanted in found))


def _read(found: Sequence[tuple[DirectoryTree | GitTree, dict[str, str]]]) -> Iterator[Task]:
    for tree, wanted in found:
        if isinstance(tree, GitTree):
            for blob, data in tree.repository.cat_batch(wanted):
                if data is not None:
                    yield Task(wanted[blob], blob, "", data)
            continue
        for blob, path in wanted.items():
            data = tree.read_walked(path)
            # A file that changes while the index is built is taken up by the next build, which sees its new time.
            if data is not None and blob_id(data) == blob:
                yield Task(path, blob, "", data)
