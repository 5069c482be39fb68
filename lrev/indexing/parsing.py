"""One source file -> rows: C by its grammar, documents by their headings, the rest as text."""

from __future__ import annotations

import re
import zlib
from enum import Enum

from lrev.indexing.layout import KIND_CODES
from lrev.indexing.relations import pack
from lrev.indexing.rows import ChunkRow, FactRow, Parsed, SymbolRow
from lrev.indexing.tokens import identifiers, runs, words
from lrev.source import c_code, documents
from lrev.source.c_events import events
from lrev.source.c_relations import relations
from lrev.types import Chunk, ChunkKind, Symbol

# What the default embedder reads of a text; later words hardly move the vector and cost as much time.
_MEANING_CHARACTERS = 1200
# Against the default level: 14 against 20 microseconds a chunk, 48% of the size against 47%.
_DEFLATE_LEVEL = 1
# A header of hundreds of numbers and little else was generated from a register list.
_GENERATED_DEFINES = 200
_GENERATED_SHARE = 0.7
_REGISTER = re.compile(
    rb"^[ \t]*#[ \t]*define[ \t]+\w+[ \t]+\(?(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*\)?[ \t\r]*$", re.MULTILINE
)
# An include guard or a switch: a symbol, but nothing to read.
_VALUELESS = re.compile(r"\s*#\s*define\s+\w+\s*$")
_TEXT_NAMES = re.compile(r"(?:^|/)(?:Kconfig|Makefile|Kbuild)[^/]*$|\.(?:S|dts|dtsi|rs|sh|py|pl|yaml|lds)$")


class FileKind(Enum):
    C = "C"
    DOCUMENT = "document"
    KCONFIG = "Kconfig"
    MAINTAINERS = "MAINTAINERS"
    TEXT = "text"


def kind_of(path: str) -> FileKind | None:
    """None for what is not indexed: pictures, data, configurations."""
    name = path.rpartition("/")[2]
    if path.endswith((".c", ".h")):
        return FileKind.C
    if path.endswith((".rst", ".txt")):
        return FileKind.DOCUMENT
    if name == "MAINTAINERS":
        return FileKind.MAINTAINERS
    if name.startswith("Kconfig"):
        return FileKind.KCONFIG
    return FileKind.TEXT if _TEXT_NAMES.search(path) else None


def is_indexed(path: str) -> bool:
    return kind_of(path) is not None


def parse_file(path: str, blob: str, data: bytes) -> Parsed:
    """Everything the index keeps of one file."""
    if b"\0" in data[:4096]:
        return Parsed(blob, path, problem="binary")
    kind = kind_of(path)
    if kind is FileKind.C:
        return _parse_c(path, blob, data)
    if kind is FileKind.MAINTAINERS:
        return Parsed(blob, path, symbols=_symbol_rows(documents.maintainers(data, blob)))
    symbols = _symbol_rows(documents.kconfig(data, blob)) if kind is FileKind.KCONFIG else ()
    cut = documents.sections if kind is FileKind.DOCUMENT else documents.text_chunks
    chunks = tuple(chunk_row(chunk, path) for chunk in cut(path, data, blob))
    return Parsed(blob, path, symbols=symbols, chunks=chunks)


def is_generated(data: bytes) -> bool:
    """Whether a header is a list of register numbers: looked up by name, never searched for by meaning."""
    registers = len(_REGISTER.findall(data))
    return registers >= _GENERATED_DEFINES and registers >= _GENERATED_SHARE * len(data.split(b"\n"))


def _parse_c(path: str, blob: str, data: bytes) -> Parsed:
    parsed = c_code.parse(data)
    functions = events(parsed)
    chunks = () if is_generated(data) else c_code.chunks(parsed, blob)
    return Parsed(
        blob,
        path,
        symbols=_symbol_rows(c_code.symbols(parsed, blob)),
        relations=pack(relations(parsed, functions)),
        facts=tuple(
            FactRow(fact.function, fact.kind.value, fact.detail, fact.origin.value, fact.line, fact.condition)
            for fact in c_code.facts(parsed, blob, functions)
        ),
        chunks=tuple(chunk_row(chunk, path) for chunk in chunks if not _VALUELESS.match(chunk.text)),
    )


def _symbol_rows(symbols: tuple[Symbol, ...]) -> tuple[SymbolRow, ...]:
    return tuple(
        SymbolRow(one.name, one.kind.value, one.span.start, one.span.end, one.static, one.signature) for one in symbols
    )


def chunk_row(chunk: Chunk, path: str = "") -> ChunkRow:
    """`path` is where the blob was first seen; its words help to find the chunk."""
    spelled = runs(chunk.text)
    return ChunkRow(
        kind=KIND_CODES[chunk.kind],
        name=chunk.name,
        start=chunk.span.start,
        end=chunk.span.end,
        text=zlib.compress(chunk.text.encode("utf-8", "replace"), _DEFLATE_LEVEL),
        name_words=words(runs(chunk.name)),
        text_words=words(runs(path) + spelled),
        identifiers=identifiers(spelled) if chunk.kind in _CODE else "",
        meaning=f"{chunk.name}\n{chunk.text}"[:_MEANING_CHARACTERS],
    )


_CODE = frozenset({ChunkKind.FUNCTION, ChunkKind.TYPE, ChunkKind.MACRO, ChunkKind.TEXT})
