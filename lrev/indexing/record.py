"""What a build found and made -> the manifest of its generation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from lrev.errors import GitError
from lrev.indexing.archives import MailReading
from lrev.indexing.holdings import Holdings
from lrev.indexing.layout import CHUNKER_VERSION, SCHEMA_VERSION, Generation, SkippedRecord, TreeRecord
from lrev.indexing.listing import fingerprint
from lrev.indexing.segment_writer import embedder_id
from lrev.indexing.trees import ListedTree
from lrev.source.git import Repository
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
) -> Generation:
    return Generation(
        schema_version=SCHEMA_VERSION,
        chunker=CHUNKER_VERSION,
        number=number,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        embedder=embedder_id(embedder),
        trees=tuple(_tree_record(tree) for tree in trees),
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


def _tree_record(listed: ListedTree) -> TreeRecord:
    return TreeRecord(
        name=listed.source.name,
        root=str(listed.source.root),
        within=listed.source.within,
        commit=_commit(listed),
        files=len(listed.files),
        listing=fingerprint(listed.files),
    )


def _commit(listed: ListedTree) -> str:
    repository = Repository.at(listed.source.root)
    try:
        return repository.rev_parse("HEAD") if repository is not None else ""
    except GitError:
        return ""
