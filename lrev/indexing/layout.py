"""Where things lie in an index directory, and the manifest of a generation (docs/index-format.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lrev.errors import IndexMissing, UsageError
from lrev.types import ChunkKind

# Raised when the tables, fields or files of a segment or a generation change.
SCHEMA_VERSION = 2
# Raised when the same file would be cut into other chunks, words, symbols or facts.
CHUNKER_VERSION = 3

REBUILD_HINT = "run 'lrev index --rebuild'"
# The numbers by which kinds are stored; appended to, never reordered.
KIND_CODES = {
    ChunkKind.FUNCTION: 0,
    ChunkKind.TYPE: 1,
    ChunkKind.MACRO: 2,
    ChunkKind.TEXT: 3,
    ChunkKind.DOCUMENT: 4,
    ChunkKind.PATCH: 5,
    ChunkKind.COMMENT: 6,
    ChunkKind.MAIL: 7,
}
KINDS_BY_CODE = {code: kind for kind, code in KIND_CODES.items()}
MAIL_KINDS = frozenset({ChunkKind.PATCH, ChunkKind.COMMENT, ChunkKind.MAIL})

STORE, WORDS, VECTORS, COLUMNS, SEGMENT = "store.sqlite", "words", "vectors.faiss", "columns.npy", "segment.json"
RELATIONS, NAMES = "relations", "names.npy"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbedderId(_Model):
    name: str
    sha256: str
    dimension: int


class SkippedRecord(_Model):
    """`lasting` is what parsing found, which is not done again; the rest every build finds anew."""

    source: str
    path: str
    why: str
    lasting: bool


class TreeRecord(_Model):
    """`within` are the indexed sub-paths, () for all; `commit` is "" for a plain directory, told by `listing` then.

    `ref` is what the commit was found by, "" for a directory; of that, `changed` files are not as in the commit, or
    gone, and `untracked` ones are not in it.
    """

    name: str
    root: str
    within: tuple[str, ...]
    commit: str
    files: int
    listing: str  # sha256 over path and blob of every file
    ref: str = ""
    changed: int = 0
    untracked: int = 0


class EpochRecord(_Model):
    """How far an archive was read: the last commit of a git epoch, else size and time of a file."""

    name: str
    position: str


class MailRecord(_Model):
    path: str
    epochs: tuple[EpochRecord, ...]


class SegmentRecord(_Model):
    """What one segment holds; `checksums` are sha256 by path below the segment."""

    id: str
    chunker: int
    embedder: EmbedderId
    blobs: int
    messages: int
    chunks: dict[str, int]
    symbols: int
    checksums: dict[str, str]


class Generation(_Model):
    """One state of the index. `removed` are blobs of mails that their archive deleted."""

    schema_version: int
    chunker: int
    number: int
    created: str
    embedder: EmbedderId
    trees: tuple[TreeRecord, ...] = ()
    mail: tuple[MailRecord, ...] = ()
    segments: tuple[SegmentRecord, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[SkippedRecord, ...] = ()
    skipped_total: int = 0
    listing_sha256: str = ""
    inferred_sha256: str = ""


def current_pointer(directory: Path) -> Path:
    return directory / "CURRENT"


def manifest_path(directory: Path, number: int) -> Path:
    return directory / "generations" / f"{number}.json"


def listing_path(directory: Path, number: int) -> Path:
    return directory / "generations" / f"{number}.files.sqlite"


def inferred_path(directory: Path, number: int) -> Path:
    return directory / "generations" / f"{number}.inferred.npy"


def segment_path(directory: Path, segment: str) -> Path:
    return directory / "segments" / segment


def current_number(directory: Path) -> int | None:
    """The published generation, None when there is none."""
    try:
        return int(current_pointer(directory).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (ValueError, OSError) as error:
        raise IndexMissing(f"cannot read '{current_pointer(directory)}'", REBUILD_HINT) from error


def load(directory: Path) -> Generation:
    """The published generation. Raises IndexMissing when there is none, or another version of lrev wrote it."""
    number = current_number(directory)
    if number is None:
        raise IndexMissing(f"no index in '{directory}'", "run 'lrev index --tree DIR', or pass --index DIR")
    path = manifest_path(directory, number)
    try:
        text = path.read_bytes()
        generation = Generation.model_validate_json(text)
    except (OSError, ValidationError) as error:
        raise IndexMissing(f"index '{directory}' was written by another version of lrev", REBUILD_HINT) from error
    check_versions(directory, generation)
    return generation


def recorded_sources(directory: Path, number: int | None) -> Generation | None:
    """The manifest for its sources alone, whatever its versions; None when it cannot be read at all."""
    if number is None:
        return None
    try:
        return Generation.model_validate_json(manifest_path(directory, number).read_bytes())
    except (OSError, ValidationError):
        return None


def read_record(segment: Path) -> SegmentRecord | None:
    """The record in a finished segment's directory; None for one that is not whole or not ours."""
    try:
        return SegmentRecord.model_validate_json((segment / SEGMENT).read_bytes())
    except (OSError, ValidationError):
        return None


def check_versions(directory: Path, generation: Generation) -> None:
    for what, found, wanted in (
        ("schema", generation.schema_version, SCHEMA_VERSION),
        ("chunker", generation.chunker, CHUNKER_VERSION),
    ):
        if found != wanted:
            raise IndexMissing(f"index '{directory}' has {what} {found}, this lrev reads {wanted}", REBUILD_HINT)


def check_trees(generation: Generation, names: Sequence[str]) -> None:
    there = [tree.name for tree in generation.trees]
    for name in names:
        if name not in there:
            raise UsageError(f"the index has no tree '{name}'", f"there are: {', '.join(there)}")
