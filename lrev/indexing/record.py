"""What a build found and made -> the manifest of its generation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lrev.errors import GitError
from lrev.indexing.archives import MailReading
from lrev.indexing.holdings import Holdings
from lrev.indexing.layout import CHUNKER_VERSION, SCHEMA_VERSION, Generation, SkippedRecord, TreeRecord
from lrev.indexing.listing import fingerprint
from lrev.indexing.parsing import is_indexed
from lrev.indexing.segment_writer import embedder_id
from lrev.indexing.trees import ListedTree
from lrev.source.git import Repository
from lrev.source.tree import GitTree
from lrev.types import Embedder

# A status that lists more than this helps nobody; the total is kept.
_LISTED_SKIPS = 1000


def generation_of(
    number: int,
    embedder: Embedder,
    held: Holdings,
    trees: Sequence[ListedTree],
    mail: MailReading,
    skipped: Sequence[SkippedRecord],
    before: Generation | None,
) -> Generation:
    return Generation(
        schema_version=SCHEMA_VERSION,
        chunker=CHUNKER_VERSION,
        number=number,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        embedder=embedder_id(embedder),
        trees=tuple(_tree_record(tree, before) for tree in trees),
        mail=tuple(mail.records),
        segments=tuple(held.segments),
        removed=tuple(sorted(mail.removed)),
        skipped=tuple(skipped[:_LISTED_SKIPS]),
        skipped_total=len(skipped),
    )


def same(before: Generation, after: Generation, trees: Sequence[ListedTree]) -> bool:
    """Whether nothing would be gained by publishing; files that were read again have new times worth keeping."""
    own = {"number", "created", "listing_sha256", "inferred_sha256"}
    return not any(tree.reread for tree in trees) and before.model_dump(exclude=own) == after.model_dump(exclude=own)


def _tree_record(listed: ListedTree, before: Generation | None) -> TreeRecord:
    source, known = listed.source, _known(listed, before)
    if listed.tree is None and known is not None:
        return known
    record = TreeRecord(
        name=source.name,
        root=str(source.root),
        within=source.within,
        commit=listed.tree.commit if isinstance(listed.tree, GitTree) else "",
        files=len(listed.files),
        listing=fingerprint(listed.files),
        ref=source.ref,
    )
    return record if source.ref else _with_state(record, listed, known)


def _known(listed: ListedTree, before: Generation | None) -> TreeRecord | None:
    records = before.trees if before is not None else ()
    return next((record for record in records if record.name == listed.source.name), None)


def _with_state(record: TreeRecord, listed: ListedTree, known: TreeRecord | None) -> TreeRecord:
    """Which commit a directory has checked out, and how many of the listed files differ: told by their bytes alone.

    git's own status would run filters that the repository names, and look at files that are not indexed.
    """
    repository = Repository.at(listed.source.root)
    try:
        commit = repository.rev_parse("HEAD") if repository is not None else ""
    except GitError:
        commit = ""
    if repository is None or not commit:
        return record
    if known is not None and (known.commit, known.listing) == (commit, record.listing):
        return record.model_copy(update={"commit": commit, "changed": known.changed, "untracked": known.untracked})
    passed_over = {skipped.path for skipped in listed.skipped}
    entries = GitTree(repository, commit, listed.source.within).walk(is_indexed)
    committed = {entry.path: entry.blob for entry in entries if entry.path not in passed_over}
    here = {file.path: file.blob for file in listed.files}
    changed = sum(here.get(path) != blob for path, blob in committed.items())
    return record.model_copy(
        update={"commit": commit, "changed": changed, "untracked": len(here.keys() - committed.keys())}
    )
