"""lrev review: patches in, drafted replies or JSON out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lrev.cli.days import seconds_of
from lrev.cli.output import write_file, write_out
from lrev.errors import Exit
from lrev.log import talk
from lrev.report.json import document
from lrev.report.reply import reply
from lrev.review.inputs import laid_series
from lrev.review.pipeline import review_series
from lrev.seal import seal
from lrev.settings import FailOn, load_settings
from lrev.source.series import read_once
from lrev.types import Certainty, Review
from lrev.wiring.generators import local_generator
from lrev.wiring.reviews import Ready, open_review


class Program(StrEnum):
    """Checkers that are not lrev's own, run on request."""

    CHECKPATCH = "checkpatch"
    COCCINELLE = "coccinelle"
    SPARSE = "sparse"


class Format(StrEnum):
    """What is printed."""

    REPLY = "reply"
    JSON = "json"


TreeOption = Annotated[
    str | None,
    typer.Option(
        "--tree",
        metavar="DIR[@REF]",
        help="The tree the patch is for, or the name of an indexed one; default: the first.",
    ),
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="The index directory; default from lrev.toml.")
]
BeforeOption = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Take no context from mail of this day or later.")
]
UpstreamOption = Annotated[
    str | None, typer.Option(metavar="DIR[@REF]", help="An upstream git repository, to hold backports against.")
]
ProgramsOption = Annotated[
    list[Program] | None, typer.Option("--with", help="Run another checker as well; may be repeated.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="A settings file instead of the ones that are searched.")
]


def command(
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help="A patch file, an mbox, - for standard input, a commit or A..B.")
    ],
    tree: TreeOption = None,
    index: IndexOption = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A generator of models.toml; see lrev models list.")
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Report only what code can prove.")] = False,
    format: Annotated[Format, typer.Option(help="A drafted reply, or everything as JSON.")] = Format.REPLY,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write one file a patch into this directory instead of printing.")
    ] = None,
    before: BeforeOption = None,
    fail_on: Annotated[
        FailOn | None, typer.Option(help="Exit 1 when a finding is at least this sure; default from lrev.toml.")
    ] = None,
    upstream: UpstreamOption = None,
    programs: ProgramsOption = None,
    config: ConfigOption = None,
) -> None:
    """Review a patch, a series, a commit or a range, and draft a reply for a person to check.

    Nothing is sent. What was not read is listed in each reply.
    """
    data = read_once(source)
    seal()
    settings = load_settings(config, index=index)
    reviews: list[Review] = []
    with ExitStack() as stack:
        generator = None if no_model else local_generator(settings, model or settings.model)
        ready = open_review(
            stack,
            settings,
            model=generator,
            tree=tree,
            before=seconds_of(before) if before else None,
            upstream=upstream,
            programs=[*(programs or ())],
        )
        for review in _reviews(source, data, ready):
            reviews.append(review)
            if format is Format.REPLY:
                _give(reply(review), output, _name(review, len(reviews)) + ".txt", len(reviews) > 1)
    if format is Format.JSON:
        _give(document(tuple(reviews)), output, "review.json", False)
    if _reaches(reviews, fail_on or settings.fail_on):
        raise typer.Exit(Exit.FOUND)


def _reviews(source: str, data: bytes | None, ready: Ready) -> Iterator[Review]:
    """Review after review; what is to be doubted about the model, or odd about a series, said before the first."""
    for doubt in ready.doubts:
        talk(f"lrev: {doubt}")
    for series, base, tree in laid_series(source, data, ready.tree, ready.repository):
        for note in series.notes:
            talk(f"lrev: {note}")
        yield from review_series(series, base, tree, ready.resources, _progress)


def _give(text: str, output: Path | None, name: str, separated: bool) -> None:
    if output is None:
        write_out(("\n" + "-" * 72 + "\n\n" if separated else "") + text)
        return
    output.mkdir(parents=True, exist_ok=True)
    write_file(output / name, text)
    talk(f"lrev: wrote {output / name}")


def _name(review: Review, number: int) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", review.patch.subject).strip("-").lower()
    return f"{number:04d}-{words[:50]}"


def _progress(subject: str) -> None:
    talk(f"lrev: reading '{subject}'")


def _reaches(reviews: list[Review], bar: FailOn) -> bool:
    found = {finding.certainty for review in reviews for finding in review.findings} - {Certainty.NOTED}
    if bar is FailOn.SUSPECTED:
        return bool(found)
    return bar is FailOn.PROVEN and Certainty.PROVEN in found
