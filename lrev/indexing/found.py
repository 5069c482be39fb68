"""What a look-up or a search in the index gives."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.types import Call, Chunk, ChunkKind, Symbol, SymbolKind

# A definition says more than a macro of the same name, and both more than a declaration.
_KIND_ORDER = {SymbolKind.FUNCTION: 0, SymbolKind.STRUCT: 0, SymbolKind.MACRO: 1, SymbolKind.DECLARATION: 3}
_OTHER_KIND_ORDER = 2


@dataclass(frozen=True, slots=True)
class Definition:
    """A symbol and the file it stands in; the same blob in several places is given once for each."""

    symbol: Symbol
    tree: str
    path: str

    @property
    def source(self) -> str:
        return f"{self.path}:{self.symbol.span.start}-{self.symbol.span.end}"


def definition_order(found: Definition) -> tuple[bool, int, int, str, int]:
    """The one most likely meant first: the kernel's before those of tools, definitions before declarations, bodies
    before stubs.
    """
    symbol = found.symbol
    aside = found.path.startswith(("tools/", "samples/", "scripts/")) or "/test" in found.path
    lines = symbol.span.end - symbol.span.start
    return (aside, _KIND_ORDER.get(symbol.kind, _OTHER_KIND_ORDER), -lines, found.path, symbol.span.start)


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
    """`source` is `path:start-end` or a message-id; `date` and `message_id` are None and "" for source.

    `trees` are those in which the same bytes stand at `path`, () for mail.
    """

    chunk: Chunk
    source: str
    path: str
    score: float
    message_id: str = ""
    date: int | None = None
    trees: tuple[str, ...] = ()


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
