"""An index whose tree has moved on, or is about to: changed files laid over a published generation.

The changed blobs get a segment of their own in the user's cache; the published generation is not touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from lrev.indexing.checkouts import files_of
from lrev.indexing.layout import CHUNKER_VERSION, SCHEMA_VERSION, SEGMENT, TreeRecord, segment_path
from lrev.indexing.listing import File, Overlaid
from lrev.indexing.parsing import is_indexed
from lrev.indexing.pool import Task, parse_all
from lrev.indexing.publish import full_disk_told, is_pinned, modified
from lrev.indexing.reader import Index, check_embedder
from lrev.indexing.reviewed import nearest
from lrev.indexing.segment_writer import SegmentWriter
from lrev.paths import cache_directory, private_directory
from lrev.source.git import blob_id
from lrev.source.tree import DirectoryTree, GitTree, OverlayTree, Tree, is_text
from lrev.types import Embedder

# Enough for the trees somebody works on in a week; older ones are made again when they are wanted.
_KEPT_OVERLAYS = 16
_UNFINISHED = ".tmp"
# The changes of a whole stable release are parsed within minutes: what is older was left by a process that was killed.
_KILLED_AFTER_SECONDS = 24 * 3600


def overlay(index: Index, tree: Tree, embedder: Embedder) -> Index:
    """An index over `tree` as it is now, opened; only files below the indexed sub-paths count. Close it like `index`.

    Raises IndexMissing for another embedder than the index was built with.
    """
    record = nearest(index, tree)
    return index if record is None else _laid_over(index, record.name, dict(_changes(index, record, tree)), embedder)


def overlay_files(index: Index, files: Mapping[str, bytes | None], embedder: Embedder) -> Index:
    """The same for files at hand, such as the post-images of a patch: path -> bytes, None for a deleted file."""
    record = next(iter(index.trees), None)
    if record is None:
        return index
    changed = {path: data for path, data in files.items() if _is_indexed(path, record)}
    return _laid_over(index, record.name, changed, embedder)


def _changes(index: Index, record: TreeRecord, tree: Tree) -> Iterator[tuple[str, bytes | None]]:
    """What differs from the listing; None for a file that is gone."""
    if isinstance(tree, OverlayTree):
        yield from ((path, data) for path, data in _changes(index, record, tree.base) if path not in tree.files)
        yield from ((path, data) for path, data in tree.files.items() if _is_indexed(path, record))
        return
    if isinstance(tree, GitTree) and _is_as_committed(record, tree.commit):
        return
    before = {file.path: file for file in index.listing.files(record.name)}
    for path, blob in _blobs(before, record, tree):
        known = before.pop(path, None)
        if known is None or known.blob != blob:
            yield path, tree.read(path)
    yield from ((path, None) for path in before)


def _blobs(before: Mapping[str, File], record: TreeRecord, tree: Tree) -> Iterator[tuple[str, str | None]]:
    """Path and blob of every file that counts, read only where that cannot be avoided."""
    if isinstance(tree, GitTree):
        entries = GitTree(tree.repository, tree.commit, record.within).walk(is_indexed)
        yield from ((entry.path, entry.blob) for entry in entries)
    if isinstance(tree, DirectoryTree):
        within = tuple(path for path in record.within if (tree.root / path).is_dir())
        is_indexed_root = tree.name == record.root and not record.ref
        files = files_of(DirectoryTree(tree.root, within), before.values() if is_indexed_root else ())
        yield from ((file.path, file.blob) for file in files if within or not record.within)


def _is_as_committed(record: TreeRecord, commit: str) -> bool:
    return record.commit == commit and not record.changed and not record.untracked


def _is_indexed(path: str, record: TreeRecord) -> bool:
    return is_indexed(path) and is_text(path) and _is_within(path, record.within)


def _is_within(path: str, within: tuple[str, ...]) -> bool:
    return not within or any(path == one or path.startswith(f"{one}/") for one in within)


def _laid_over(index: Index, tree: str, changed: Mapping[str, bytes | None], embedder: Embedder) -> Index:
    if not changed:
        return index
    check_embedder(index.generation, embedder.sha256)
    blobs = {path: None if data is None else blob_id(data) for path, data in changed.items()}
    stored = {sha for segment in index.segments for _, sha, _ in segment.blobs()}
    tasks = {
        blob: Task(path, blob, "", data)
        for path, data in sorted(changed.items())
        if data is not None and (blob := blobs[path]) is not None and blob not in stored
    }
    extra = [_segment(tasks, embedder)] if tasks else []
    return Index(
        index.directory, index.generation, Overlaid(tree, blobs), extra, [one.name for one in index.trees]
    ).open()


def _segment(tasks: Mapping[str, Task], embedder: Embedder) -> Path:
    """The segment of these blobs, from the cache if it was made before."""
    identity = f"{SCHEMA_VERSION} {CHUNKER_VERSION} {embedder.sha256} {' '.join(sorted(tasks))}"
    overlays = private_directory(cache_directory() / "overlays")
    ready = overlays / hashlib.sha256(identity.encode()).hexdigest()[:20]
    if ready.is_dir():
        os.utime(ready)
        return ready
    aside = overlays / f"{ready.name}.{os.getpid()}{_UNFINISHED}"
    try:
        with full_disk_told(overlays):
            _write(tasks, aside, embedder).rename(ready)
    except OSError:
        # Another process made the same one meanwhile.
        if not ready.is_dir():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sweep(overlays)
    return ready


def _write(tasks: Mapping[str, Task], aside: Path, embedder: Embedder) -> Path:
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "segments").mkdir(parents=True)
    writer = SegmentWriter(aside, embedder, 0).open()
    for parsed in parse_all(tasks.values()):
        writer.add(parsed)
    return segment_path(aside, writer.close().id)


def _sweep(overlays: Path) -> None:
    by_age = sorted(overlays.iterdir(), key=modified)
    finished = [path for path in by_age if path.suffix != _UNFINISHED]
    left_by_a_kill = [path for path in by_age if path.suffix == _UNFINISHED and _is_old(path)]
    for path in (*finished[:-_KEPT_OVERLAYS], *left_by_a_kill):
        if not is_pinned(path / SEGMENT):
            shutil.rmtree(path, ignore_errors=True)


def _is_old(path: Path) -> bool:
    return time.time() - modified(path) > _KILLED_AFTER_SECONDS
