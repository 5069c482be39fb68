"""lrev index: build or update the index, or say what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.output import write_out
from lrev.cli.progress import Meter
from lrev.errors import Exit, IndexMissing, UsageError
from lrev.indexing.build import build
from lrev.indexing.found import IndexStatus, TreeStatus
from lrev.indexing.layout import load
from lrev.indexing.reader import open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.log import talk
from lrev.manifest import Role, load_manifest
from lrev.model.store import is_distilled
from lrev.seal import seal
from lrev.settings import Settings, load_settings
from lrev.wiring.embedders import ready_embedder

_MB = 1_000_000


def command(
    tree: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]DIR[@REF]",
            help="A kernel tree, a directory of one, or with @REF a git commit of it; may be repeated.",
        ),
    ] = None,
    docs: Annotated[
        list[str] | None, typer.Option(metavar="DIR", help="A documentation directory; may be repeated.")
    ] = None,
    mail: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="A public-inbox, mbox or Maildir; may be repeated.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Take a tree or an archive out; may be repeated.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    embedder: Annotated[
        str | None, typer.Option(metavar="NAME", help="An embedder of models.toml, for a new index.")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Parse and embed everything anew.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Say what the index holds and what was skipped.")] = False,
    verify: Annotated[bool, typer.Option("--verify", help="Recompute every checksum; exit 1 on a difference.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Build the index, or bring it up to date: source, documentation and mail.

    Sources given are added to those it has; with none given, those it has are read again where they changed.
    """
    seal()
    settings = load_settings(config, index=index)
    if (status or verify) and (tree or docs or mail or remove or rebuild):
        raise UsageError("'--status' and '--verify' only read the index", "run 'lrev index' with the change first")
    if verify:
        _verify(settings.index)
    elif not status:
        sources = sources_of([*(tree or ()), *(docs or ())], mail or [], remove or [])
        _build(settings, sources, embedder, rebuild)
    if status or not verify:
        with open_index(settings.index) as opened:
            write_out(status_text(opened.status(), skipped=status))


def _build(settings: Settings, sources: Sources, embedder: str | None, rebuild: bool) -> None:
    manifest = load_manifest()
    name = embedder or settings.embedder or _recorded_embedder(settings.index) or manifest.default_embedder
    model = ready_embedder(name, manifest)
    with Meter() as meter:
        costly = not is_distilled(manifest.get(name, Role.EMBEDDER))
        generation = build(sources, settings.index, model, progress=meter, rebuild=rebuild, keep_vectors=costly)
    # A tree or an archive as a whole, where it has no path: what the index shows of it is no longer brought up to date.
    for one in generation.skipped:
        if not one.path:
            talk(f"lrev: {one.source}: {one.why}")


def _recorded_embedder(directory: Path) -> str:
    try:
        return load(directory).embedder.name
    except IndexMissing:
        return ""


def _verify(directory: Path) -> None:
    with open_index(directory) as opened:
        problems = opened.verify()
    for problem in problems:
        write_out(f"{problem}\n")
    if problems:
        raise typer.Exit(Exit.FOUND)
    talk("lrev: every file of the index has its checksum")


def status_text(status: IndexStatus, *, skipped: bool) -> str:
    """What an index holds, a line each; the files that were skipped only when asked for."""
    lines = [
        f"generation {status.number} of {status.created}, {status.segments} segments, {status.size_bytes / _MB:.0f} MB"
    ]
    lines.append(f"embedder   {status.embedder} {status.embedder_sha256[:12]}")
    lines += [_tree_text(tree) for tree in status.trees]
    lines += [f"mail       {path}" for path in status.mail]
    counts = ", ".join(f"{one.chunks} {one.kind.value}" for one in status.chunks)
    lines.append(f"holds      {status.symbols} symbols, {status.messages} messages; chunks: {counts}")
    lines.append(
        f"skipped    {status.skipped_total} files" + ("" if skipped or not status.skipped else " (--status lists them)")
    )
    if skipped:
        lines += [f"  {':'.join(filter(None, (one.source, one.path)))}: {one.why}" for one in status.skipped]
    return "\n".join(lines) + "\n"


def _tree_text(tree: TreeStatus) -> str:
    within = f" ({', '.join(tree.within)})" if tree.within else ""
    root = f"{tree.root}@{tree.ref}" if tree.ref else tree.root
    named = "" if tree.name == Path(tree.root).name else f"{tree.name} = "
    at = f" at {tree.commit[:12]}" if tree.commit else ""
    counts = ((tree.changed, "changed"), (tree.untracked, "untracked"))
    differ = [f"{count} {how}" for count, how in counts if count]
    return f"tree       {named}{root}{within}{at}{' with ' if differ else ''}{', '.join(differ)}: {tree.files} files"
