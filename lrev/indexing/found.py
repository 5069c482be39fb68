"""What a look-up or a search in the index gives."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.types import Call, Chunk, ChunkKind, Symbol


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol and the file it stands in; the same blob in several places is given once for each."""

    symbol: Symbol
    tree: str
    path: str

    @property
    def source(self) -> str:
        return f"{self.path}:{self.symbol.span.start}-{self.symbol.span.end}"


@dataclass(frozen=True, slots=True)
class CallSite:
    call: Call
    tree: str
    path: str

    @property
    def source(self) -> str:
        return f"{self.path}:{self.call.line}"


@dataclass(frozen=True, slots=True)
class ApiPair:
    """`release` undid `acquire` in `times` of the `of` places where something was done to the same on the way out."""

    acquire: str
    release: str
    times: int
    of: int


@dataclass(frozen=True, slots=True)
class TableEntry:
    """`function` fills the field of a table; `table` is the struct's tag, "" where the list does not tell it."""

    field: str
    function: str
    table: str
    tree: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Hit:
    """`source` is `path:start-end` or a message-id; `date` and `message_id` are None and "" for source."""

    chunk: Chunk
    source: str
    path: str
    score: float
    message_id: str = ""
    date: int | None = None


@dataclass(frozen=True, slots=True)
class KindCount:
    kind: ChunkKind
    chunks: int


@dataclass(frozen=True, slots=True)
class TreeStatus:
    """As in the manifest (layout.TreeRecord)."""

    name: str
    root: str
    within: tuple[str, ...]
    commit: str
    files: int
    ref: str = ""
    changed: int = 0
    untracked: int = 0


@dataclass(frozen=True, slots=True)
class SkippedFile:
    source: str
    path: str
    why: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """What is in the index; sizes in bytes, counts of what is alive but for symbols and messages, which are stored."""

    number: int
    created: str
    embedder: str
    embedder_sha256: str
    trees: tuple[TreeStatus, ...]
    mail: tuple[str, ...]
    chunks: tuple[KindCount, ...]
    symbols: int
    messages: int
    segments: int
    size_bytes: int
    skipped: tuple[SkippedFile, ...]
    skipped_total: int
