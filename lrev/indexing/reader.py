"""Reading an index: exact look-ups over everything that is alive in one generation, threads, and search."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy

from lrev.errors import IndexMissing
from lrev.indexing import searching, threads
from lrev.indexing.found import CallSite, Definition, Hit, IndexStatus, TableEntry, definition_order
from lrev.indexing.inferred import facts_in
from lrev.indexing.layout import (
    KIND_CODES,
    REBUILD_HINT,
    SEGMENT,
    Generation,
    check_trees,
    current_number,
    inferred_path,
    listing_path,
    load,
    manifest_path,
    segment_path,
)
from lrev.indexing.listing import Listing, Overlaid, Place
from lrev.indexing.mailing import message_of
from lrev.indexing.publish import pin
from lrev.indexing.related import Related
from lrev.indexing.segment import Segment, open_live
from lrev.indexing.status import problems, status_of
from lrev.types import Call, ChunkKind, Embedder, Fact, Message, Symbol, SymbolKind

Blobbed = TypeVar("Blobbed", Symbol, Call, Fact)

# A builder may publish and sweep between reading the pointer and opening what it names; then the pointer is read again.
_OPEN_ATTEMPTS = 3
_CODE_KINDS = tuple(KIND_CODES[kind] for kind in (ChunkKind.FUNCTION, ChunkKind.TYPE, ChunkKind.MACRO, ChunkKind.TEXT))


def open_index(directory: Path, embedder_sha256: str | None = None, trees: Sequence[str] = ()) -> Index:
    """Open the published generation, with all of its trees or these; use as a context manager.

    Raises IndexMissing when there is none, when it is of another schema or chunker, or, if `embedder_sha256` is
    given, when its vectors are of another embedder. Raises UsageError for a tree that it has not.
    """
    for attempt in range(_OPEN_ATTEMPTS):
        generation = load(directory)
        check_trees(generation, trees)
        if embedder_sha256 is not None:
            check_embedder(generation, embedder_sha256)
        try:
            return Index(directory, generation, trees=trees).open()
        except OSError as error:
            if current_number(directory) == generation.number or attempt == _OPEN_ATTEMPTS - 1:
                raise IndexMissing(f"index '{directory}' is incomplete: {error.strerror}", REBUILD_HINT) from error
    raise AssertionError


def check_embedder(generation: Generation, sha256: str) -> None:
    if generation.embedder.sha256 != sha256:
        named = generation.embedder.name
        raise IndexMissing(f"the index was built with embedder '{named}' of other weights", REBUILD_HINT)


class Index:
    """One generation, with what has changed since (`overlaid`, in the segments `extra`) laid over it.

    `trees` names those that are seen, the first the one that is read for; all if it is empty.
    """

    def __init__(
        self,
        directory: Path,
        generation: Generation,
        overlaid: Overlaid | None = None,
        extra: Sequence[Path] = (),
        trees: Sequence[str] = (),
    ) -> None:
        self.directory = directory
        self.generation = generation
        named = {tree.name: tree for tree in generation.trees}
        self.trees = tuple(named[name] for name in trees) if trees else generation.trees
        self._overlaid = overlaid
        self._extra = tuple(extra)
        self._segments: list[Segment] = []

    def open(self) -> Self:
        """Raises OSError when a file is missing."""
        path = listing_path(self.directory, self.generation.number)
        paths = [segment_path(self.directory, record.id) for record in self.generation.segments]
        manifest = manifest_path(self.directory, self.generation.number)
        self._pins = [pin(one) for one in (manifest, *(path / SEGMENT for path in (*paths, *self._extra)))]
        self._listing = Listing(path, self._overlaid, tuple(tree.name for tree in self.trees))
        live, removed = self._listing.blobs(), frozenset(self.generation.removed)
        self._segments += [open_live(one, live, removed) for one in (*paths, *self._extra)]
        # Plain, because each slice of a memmap costs as much as the look-up in it.
        self._inferred = numpy.asarray(numpy.load(inferred_path(self.directory, self.generation.number), mmap_mode="r"))
        self._live, self._removed = live, removed
        return self

    def close(self) -> None:
        self._listing.close()
        for segment in self._segments:
            segment.close()
        for one in self._pins:
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def listing(self) -> Listing:
        return self._listing

    @property
    def segments(self) -> tuple[Segment, ...]:
        return tuple(self._segments)

    def locate(self, blob: str) -> tuple[Place, ...]:
        """The places where a blob stands, () for a mail."""
        return self._listing.places(blob)

    def definitions(self, name: str, kinds: Iterable[SymbolKind] = ()) -> tuple[Definition, ...]:
        """All of them, the one most likely meant first: definitions before declarations, bodies before stubs."""
        wanted = frozenset(kinds)
        found = [
            Definition(symbol, place.tree, place.path)
            for symbol in self._of_live(segment.symbols(name) for segment in self._segments)
            if not wanted or symbol.kind in wanted
            for place in self.locate(symbol.blob)
        ]
        return tuple(dict.fromkeys(sorted(found, key=definition_order)))

    def exists(self, name: str) -> bool:
        """Whether the name is defined, called or written anywhere in the indexed source; False is exhaustive."""
        if any(True for _ in self._of_live(segment.symbols(name) for segment in self._segments)):
            return True
        if any(True for _ in self._of_live(Related(segment).calls_to(name) for segment in self._segments)):
            return True
        return any(segment.mentions(name, _CODE_KINDS) for segment in self._segments)

    def callers(self, name: str, limit: int = 50) -> tuple[CallSite, ...]:
        """Call sites by path and line."""
        found = self._calls(Related(segment).calls_to(name) for segment in self._segments)
        return tuple(found[:limit])

    def caller_count(self, name: str) -> int:
        """How many calls of live source there are to the name, macros' and members' not counted."""
        return sum(Related(segment).count_calls_to(name) for segment in self._segments)

    def callees(self, function: str) -> tuple[CallSite, ...]:
        """The calls that functions of this name make, in the order they are written."""
        return tuple(self._calls(Related(segment).calls_of(function) for segment in self._segments))

    def facts(self, name: str) -> tuple[Fact, ...]:
        """Read and declared ones, then what was inferred of the published generation."""
        read = self._of_live(segment.facts(name) for segment in self._segments)
        segments = self._segments[: len(self.generation.segments)]
        inferred = self._of_live(facts_in(self._inferred, at, one, name) for at, one in enumerate(segments))
        return tuple(dict.fromkeys((*read, *inferred)))

    def entries(self, name: str) -> tuple[TableEntry, ...]:
        """The tables that a function of this name fills, and those with a field of this name; by path and line."""
        found = {
            TableEntry(field, function, table, place.tree, place.path, line)
            for segment in self._segments
            for field, function, table, blob, line in Related(segment).entries(name)
            for place in self.locate(blob)
        }
        return tuple(sorted(found, key=lambda one: (one.path, one.line, one.field)))

    def partly_read(self, name: str) -> frozenset[tuple[str, int]]:
        """(path, line) of the definitions in which the parser met an error: facts of them may be missing."""
        found = (one for segment in self._segments for one in Related(segment).partly_read(name))
        return frozenset((place.path, line) for blob, line in found for place in self.locate(blob))

    def source_identity(self) -> str:
        """The same as long as the trees that are seen hold the same files, with what is laid over them; mail apart."""
        laid_over = sorted(self._overlaid.blobs.items()) if self._overlaid is not None else []
        seen = [(tree.name, tree.listing) for tree in self.trees]
        return hashlib.sha256(repr((seen, laid_over)).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def removed(self) -> frozenset[str]:
        """Blobs of mail that its archive has deleted."""
        return self._removed

    def message(self, message_id: str) -> Message | None:
        return next(iter(self.messages("message_id", message_id)), None)

    def thread(self, message_id: str) -> tuple[Message, ...]:
        """All indexed messages of the thread by date; () when the message is not indexed."""
        return threads.thread(self, message_id)

    def messages(self, column: str, value: str) -> Iterator[Message]:
        """Those whose `column` (message_id, in_reply_to or root) is `value`."""
        for segment in self._segments:
            for sha, row in segment.message(column, value):
                if sha not in self._removed:
                    yield message_of(row)

    def words(
        self, query: str, limit: int, kinds: Iterable[ChunkKind] = (), before: int | None = None
    ) -> tuple[Hit, ...]:
        """By words alone, best first. `before`: no mail of this time or later, nor any without a date."""
        return searching.words(self, query, limit, tuple(kinds), before)

    def vectors(
        self, vector: numpy.ndarray, limit: int, kinds: Iterable[ChunkKind] = (), before: int | None = None
    ) -> tuple[Hit, ...]:
        """By cosine alone. `vector` has shape (dimension,) and length 1."""
        return searching.vectors(self, vector, limit, tuple(kinds), before)

    def search(
        self,
        text: str,
        embedder: Embedder,
        limit: int = 20,
        kinds: Iterable[ChunkKind] = (),
        before: int | None = None,
    ) -> tuple[Hit, ...]:
        """Names, words and vectors together. Raises IndexMissing for another embedder than the index was built with."""
        check_embedder(self.generation, embedder.sha256)
        return searching.fused(self, text, embedder, limit, tuple(kinds), before)

    def status(self) -> IndexStatus:
        return status_of(self)

    def verify(self) -> tuple[str, ...]:
        """Recompute every checksum; what is wrong, in sentences."""
        return problems(self)

    def _of_live(self, found: Iterable[Iterator[Blobbed]]) -> Iterator[Blobbed]:
        return (one for items in found for one in items if one.blob in self._live)

    def _calls(self, found: Iterable[Iterator[Call]]) -> list[CallSite]:
        located = [
            CallSite(call, place.tree, place.path) for call in self._of_live(found) for place in self.locate(call.blob)
        ]
        return sorted(located, key=lambda one: (one.path, one.call.line))
