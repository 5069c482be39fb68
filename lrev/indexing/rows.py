"""What parsing one file or one mail yields, in the shape in which it is stored and sent between processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lrev.indexing.relations import Packed


class SymbolRow(NamedTuple):
    name: str
    kind: str
    start: int
    end: int
    static: bool
    signature: str


class FactRow(NamedTuple):
    function: str
    kind: str
    detail: str
    origin: str
    line: int
    condition: str


class ChunkRow(NamedTuple):
    """`text` is deflated; the three `*_words` go to the lexical index, `meaning` to the embedder."""

    kind: int
    name: str
    start: int
    end: int
    text: bytes
    name_words: str
    text_words: str
    identifiers: str
    meaning: str


class PatchRow(NamedTuple):
    version: int
    part: int
    total: int
    base_commit: str
    patch_id: str
    files: tuple[str, ...]


class MessageRow(NamedTuple):
    """`recipients` is JSON, [[to...], [cc...]] of [name, address]; `body` and `attachments` are deflated JSON."""

    message_id: str
    subject: str
    sender_name: str
    sender_address: str
    date: int | None
    in_reply_to: str
    reference_ids: str
    recipients: str
    texts: bytes
    bot: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """One blob. `problem` says why nothing or not all of it could be read. `archive` is the list of a mail."""

    blob: str
    path: str
    archive: str = ""
    symbols: tuple[SymbolRow, ...] = ()
    relations: Packed | None = None
    facts: tuple[FactRow, ...] = ()
    chunks: tuple[ChunkRow, ...] = ()
    message: MessageRow | None = None
    patch: PatchRow | None = None
    problem: str = ""


def to_wire(parsed: Parsed) -> tuple[object, ...]:
    """Plain tuples, for marshal."""
    return (
        parsed.blob,
        parsed.path,
        parsed.archive,
        tuple(map(tuple, parsed.symbols)),
        tuple(parsed.relations) if parsed.relations else None,
        tuple(map(tuple, parsed.facts)),
        tuple(map(tuple, parsed.chunks)),
        tuple(parsed.message) if parsed.message else None,
        tuple(parsed.patch) if parsed.patch else None,
        parsed.problem,
    )


def from_wire(wire: tuple) -> Parsed:  # type: ignore[type-arg]  # what marshal gives has no better type
    blob, path, archive, symbols, relations, facts, chunks, message, patch, problem = wire
    return Parsed(
        blob,
        path,
        archive,
        tuple(SymbolRow(*row) for row in symbols),
        Packed(*relations) if relations else None,
        tuple(FactRow(*row) for row in facts),
        tuple(ChunkRow(*row) for row in chunks),
        MessageRow(*message) if message else None,
        PatchRow(*patch) if patch else None,
        problem,
    )
