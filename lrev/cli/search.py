"""lrev search: what the index finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.errors import UsageError
from lrev.indexing.found import Hit
from lrev.indexing.layout import MAIL_KINDS
from lrev.indexing.reader import open_index
from lrev.log import talk
from lrev.manifest import load_manifest
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.types import ChunkKind
from lrev.wiring.embedders import embedder_of

_EXCERPT_LINES = 4


def command(
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="Words, identifiers or a sentence.")],
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many results at most.")] = 10,
    kind: Annotated[list[ChunkKind] | None, typer.Option(help="Only this kind; may be given again.")] = None,
    tree: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only source of this indexed tree; may be given again.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Search source, documentation and mail; print file:line or message-id and the first lines of each hit."""
    seal()
    settings = load_settings(config, index=index)
    text = " ".join(query).strip()
    if not text:
        raise UsageError("the query is empty")
    kinds = tuple(kind or (set(ChunkKind) - MAIL_KINDS if tree else ()))
    with open_index(settings.index, trees=tree or ()) as opened:
        embedder = embedder_of(opened, load_manifest())
        hits = opened.search(text, embedder, limit=limit, kinds=kinds)
        for hit in hits:
            write_out(hit_text(hit, several_trees=len(opened.trees) > 1))
    if not hits:
        talk("lrev: no hit; 'lrev index --status' says what is indexed")


def hit_text(hit: Hit, *, several_trees: bool) -> str:
    where = f"  ({', '.join(hit.trees)})" if several_trees and hit.trees else ""
    lines = [line for line in hit.chunk.text.splitlines() if line.strip()][:_EXCERPT_LINES]
    excerpt = "".join(f"    {line}\n" for line in lines)
    return f"{hit.source}  [{hit.chunk.kind.value}] {hit.chunk.name}{where}\n{excerpt}\n"
