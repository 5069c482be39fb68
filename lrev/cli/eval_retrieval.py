"""lrev eval retrieval: how much of what reviewers knew stands in the pack."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lrev.cli.days import seconds_of
from lrev.cli.output import write_file, write_out
from lrev.cli.progress import Meter
from lrev.errors import Exit, UsageError
from lrev.evaluate.known_names import KnownNames
from lrev.evaluate.mailbox import ArchivedMail, IndexedMail, Mailbox, Period
from lrev.evaluate.plots import recall_plot
from lrev.evaluate.recall import Recall, bars, precedent_recall, recalls, worths
from lrev.evaluate.retrieval import BUDGETS_TOKENS, Material, Measured
from lrev.evaluate.reviewed_patches import Selection
from lrev.log import talk
from lrev.manifest import load_manifest
from lrev.seal import seal
from lrev.settings import Settings, load_settings
from lrev.wiring.contexts import counter, open_laid_over

_LATEST = 2**62


def command(
    mail: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Take the patches from this archive; may be repeated; default: the index."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Only patches sent on this day or later.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Only patches sent before this day.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many patches; 0: all.")] = 0,
    tree: Annotated[
        str | None, typer.Option(metavar="NAME", help="The indexed tree to look things up in; default: the first.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The generator whose tokens are counted; see lrev models list.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every patch and what was found of it, as JSON.")] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw recall against budget into this SVG file.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Take patches that people reviewed, and say how much of what the reviewers named stands in lrev's context.

    Exit 1 when a bar is missed.
    """
    period = Period(seconds_of(since) if since else 0, seconds_of(until) if until else _LATEST)
    seal()
    settings = load_settings(config, index=index)
    measured, left_out = _measured(settings, _Wanted(tuple(mail or ()), period, limit, tree, model or settings.model))
    if plot is not None:
        write_file(plot, recall_plot(list(recalls(measured))))
        talk(f"lrev: wrote {plot}")
    if as_json:
        write_out(json.dumps(_document(measured, left_out), indent=1, ensure_ascii=False) + "\n")
    else:
        write_out("\n".join(_table(measured, left_out)) + "\n")
    if not all(bar.met for bar in bars(measured)):
        raise typer.Exit(Exit.FOUND)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which patches, looked up in which tree and counted in whose tokens; `mail` () is that of the index."""

    mail: tuple[Path, ...]
    period: Period
    limit: int
    tree: str | None
    model: str


def _measured(settings: Settings, wanted: _Wanted) -> tuple[list[Measured], Counter[str]]:
    """Each patch, and what was left out by reason. Raises UsageError when nothing is left."""
    manifest = load_manifest()
    with ExitStack() as stack:
        meter, count = stack.enter_context(Meter()), stack.enter_context(counter(manifest, wanted.model))
        opened = open_laid_over(stack, settings, manifest, wanted.tree)
        index, base = opened.index, opened.base
        mailbox = _mailbox(wanted.mail, meter) if wanted.mail else IndexedMail(index)
        known = KnownNames(index, base.names[0])
        selection = Selection(mailbox, base.tree, known, wanted.period, wanted.limit)
        patches = selection.taken(lambda looked, total: meter("choosing patches", looked, total))
        if not patches:
            raise UsageError("no patch of these archives was reviewed by people and is not in the tree already")
        material = Material(index, opened.embedder, base.tree, mailbox, count)
        measured = []
        for number, one in enumerate(patches, 1):
            measured.append(material.measured(one))
            meter("packing", number, len(patches))
    return measured, selection.left_out


def _mailbox(archives: Sequence[Path], meter: Meter) -> Mailbox:
    return ArchivedMail.of(archives, lambda done: meter("reading mail", done, 0))


def _table(measured: Sequence[Measured], left_out: Counter[str]) -> Iterator[str]:
    by_base = Counter(one.base.value for one in measured)
    yield f"{len(measured)} patches ({', '.join(f'{count} by {base}' for base, count in by_base.most_common())})"
    yield f"{sum(len(one.names) for one in measured)} names that the reviewers used and the mail does not hold"
    yield from (f"left out: {count} {why}" for why, count in left_out.most_common())
    yield ""
    yield f"{'recall, mean over patches':<50}" + "".join(f"{tokens:>22}" for tokens in BUDGETS_TOKENS)
    rows: dict[str, list[Recall]] = {}
    for one in recalls(measured):
        rows.setdefault(one.method, []).append(one)
    for method, row in rows.items():
        cells = (f"{one.mean.mean:.3f} [{one.mean.low:.3f}, {one.mean.high:.3f}]" for one in row)
        yield f"{method:<50}" + "".join(f"{cell:>22}" for cell in cells)
    yield ""
    yield f"{'without':<14}{'lost':>24}{'brought':>10}{'alone':>8}"
    for worth in worths(measured):
        lost = f"{worth.lost.mean:.4f} [{worth.lost.low:.4f}, {worth.lost.high:.4f}]"
        yield f"{worth.origin:<14}{lost:>24}{worth.brought:>10}{worth.brought_alone:>8}"
    yield ""
    said, shown = precedent_recall(measured)
    yield f"open comments on the version before: {said}, in the pack: {shown}"
    reworded = [source for one in measured for source in one.precedent.reworded]
    yield f"said of an earlier version under another subject: {len(reworded)}"
    for bar in bars(measured):
        yield f"{bar.name}: {bar.found:.3f} (bar {bar.bar:g}) {'ok' if bar.met else 'missed'}"


def _document(measured: Sequence[Measured], left_out: Counter[str]) -> dict[str, Any]:
    return {
        "recall": [asdict(one) for one in recalls(measured)],
        "worth": [asdict(one) for one in worths(measured)],
        "bars": [{"name": bar.name, "found": bar.found, "bar": bar.bar, "met": bar.met} for bar in bars(measured)],
        "left_out": dict(left_out),
        "patches": [_plain(one) for one in measured],
    }


def _plain(one: Measured) -> dict[str, Any]:
    return {
        "message_id": one.message_id,
        "subject": one.subject,
        "base": one.base.value,
        "names": [name.text for name in one.names],
        "packs": [
            {
                "method": pack.method,
                "budget_tokens": pack.budget_tokens,
                "found": sorted(name.text for name in pack.found),
            }
            for pack in one.packs
        ],
        "precedent": asdict(one.precedent),
        "by_origin": {origin: sorted(name.text for name in found) for origin, found in one.by_origin.items()},
    }
