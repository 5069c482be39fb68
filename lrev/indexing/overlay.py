"""An index whose tree has moved on, or is about to: changed files laid over a published generation.

The changed blobs get a segment of their own in the user's cache; the published generation is not touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from lrev.indexing.layout import CHUNKER_VERSION, SCHEMA_VERSION, TreeRecord, segment_path
from lrev.indexing.listing import Overlaid
from lrev.indexing.parsing import kind_of
from lrev.indexing.pool import Task, parse_all
from lrev.indexing.publish import full_disk_told
from lrev.indexing.reader import Index, check_embedder
from lrev.indexing.segment_writer import SegmentWriter
from lrev.paths import cache_directory, private_directory
from lrev.source.git import blob_id
from lrev.source.tree import Tree
from lrev.types import Embedder

# Enough for the trees somebody works on in a week; older ones are made again when they are wanted.
_KEPT_OVERLAYS = 16


def overlay(index: Index, tree: Tree, embedder: Embedder) -> Index:
    """An index over `tree` as it is now, opened; only files below the indexed sub-paths count. Close it like `index`.

    Raises IndexMissing for another embedder than the index was built with.
    """
    record = _record_of(index, tree)
    return index if record is None else _laid_over(index, record.name, dict(_changes(index, record, tree)), embedder)


def overlay_files(index: Index, files: Mapping[str, bytes | None], embedder: Embedder) -> Index:
    """The same for files at hand, such as the post-images of a patch: path -> bytes, None for a deleted file."""
    record = next(iter(index.generation.trees), None)
    if record is None:
        return index
    changed = {path: data for path, data in files.items() if kind_of(path) and _is_within(path, record.within)}
    return _laid_over(index, record.name, changed, embedder)


def _record_of(index: Index, tree: Tree) -> TreeRecord | None:
    """The recorded tree of the same name, else the first: another checkout of what was indexed."""
    records = index.generation.trees
    return next((record for record in records if record.name == tree.name), next(iter(records), None))


def _changes(index: Index, record: TreeRecord, tree: Tree) -> Iterator[tuple[str, bytes | None]]:
    """Size and time say that a file is the same only below the very root that was listed."""
    before = {file.path: file for file in index.listing.files(record.name)}
    same_root = str(tree.root) == record.root
    for entry in tree.paths():
        if not kind_of(entry.path) or not _is_within(entry.path, record.within):
            continue
        known = before.pop(entry.path, None)
        if same_root and known and (known.size, known.mtime_ns) == (entry.size, entry.mtime_ns):
            continue
        if known is None or tree.blob(entry.path) != known.blob:
            yield entry.path, tree.read(entry.path)
    yield from ((path, None) for path in before)


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
    return Index(index.directory, index.generation, Overlaid(tree, blobs), extra).open()


def _segment(tasks: Mapping[str, Task], embedder: Embedder) -> Path:
    """The segment of these blobs, from the cache if it was made before."""
    identity = f"{SCHEMA_VERSION} {CHUNKER_VERSION} {embedder.sha256} {' '.join(sorted(tasks))}"
    overlays = private_directory(cache_directory() / "overlays")
    ready = overlays / hashlib.sha256(identity.encode()).hexdigest()[:20]
    if ready.is_dir():
        os.utime(ready)
        return ready
    aside = overlays / f"{ready.name}.{os.getpid()}.tmp"
    with full_disk_told(overlays):
        shutil.rmtree(aside, ignore_errors=True)
        (aside / "segments").mkdir(parents=True)
        writer = SegmentWriter(aside, embedder, 0).open()
        for parsed in parse_all(tasks.values()):
            writer.add(parsed)
        record = writer.close()
    try:
        segment_path(aside, record.id).rename(ready)
    except OSError:
        # Another process made the same one meanwhile.
        if not ready.is_dir():
            raise
    shutil.rmtree(aside)
    _sweep(overlays)
    return ready


def _sweep(overlays: Path) -> None:
    finished = [path for path in overlays.iterdir() if not path.name.endswith(".tmp")]
    for path in sorted(finished, key=lambda one: one.stat().st_mtime)[:-_KEPT_OVERLAYS]:
        shutil.rmtree(path, ignore_errors=True)
