"""What is in an open index, and whether its files are still what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrev.indexing.found import IndexStatus, KindCount, SkippedFile, TreeStatus
from lrev.indexing.layout import KINDS_BY_CODE, TreeRecord, inferred_path, listing_path, segment_path
from lrev.indexing.segment_writer import checksums, file_sha256

if TYPE_CHECKING:
    from lrev.indexing.reader import Index


def status_of(index: Index) -> IndexStatus:
    generation = index.generation
    counts: Counter[int] = Counter()
    for segment in index.segments:
        counts.update(segment.chunk_counts())
    return IndexStatus(
        number=generation.number,
        created=generation.created,
        embedder=generation.embedder.name,
        embedder_sha256=generation.embedder.sha256,
        trees=tuple(_tree_status(tree) for tree in generation.trees),
        mail=tuple(record.path for record in generation.mail),
        chunks=tuple(KindCount(KINDS_BY_CODE[code], counts[code]) for code in sorted(counts)),
        symbols=sum(record.symbols for record in generation.segments),
        messages=sum(record.messages for record in generation.segments),
        segments=len(generation.segments),
        size_bytes=_size(index),
        skipped=tuple(SkippedFile(one.source, one.path, one.why) for one in generation.skipped),
        skipped_total=generation.skipped_total,
    )


def _tree_status(tree: TreeRecord) -> TreeStatus:
    state = (tree.ref, tree.changed, tree.untracked)
    return TreeStatus(tree.name, tree.root, tree.within, tree.commit, tree.files, *state)


def problems(index: Index) -> tuple[str, ...]:
    return tuple(_problems(index))


def _size(index: Index) -> int:
    number = index.generation.number
    files = [name(index.directory, number) for name in (listing_path, inferred_path)]
    for record in index.generation.segments:
        files += [path for path in segment_path(index.directory, record.id).rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files)


def _problems(index: Index) -> Iterator[str]:
    generation = index.generation
    for path_of, sha256 in ((listing_path, generation.listing_sha256), (inferred_path, generation.inferred_sha256)):
        path = path_of(index.directory, generation.number)
        if file_sha256(path) != sha256:
            yield f"'{path.name}' has changed since it was written"
    for record in index.generation.segments:
        found = checksums(segment_path(index.directory, record.id))
        for name, wanted in record.checksums.items():
            if name not in found:
                yield f"segment {record.id}: '{name}' is missing"
            elif found[name] != wanted:
                yield f"segment {record.id}: '{name}' has changed since it was written"
        for name in sorted(found.keys() - record.checksums.keys()):
            yield f"segment {record.id}: '{name}' does not belong to it"
