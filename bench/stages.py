"""The stages of bench/index.py: each takes a place to work and says what it measured."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench.measuring import in_child, megabytes, percentile, timed
from bench.processes import Run, lrev, run
from bench.queries import Query, from_patches, from_stores
from lrev.indexing.layout import listing_path, load

_NEW_MESSAGES = 100
# Without another version of the tree, one is made in which one C file of so many is changed.
_CHANGED_EVERY = 50
_LIMIT = 20
_COLD_QUERY = "take the lock before the list is walked"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the command line asked for. `index` is where the built index is or will be."""

    tree: Path
    from_tree: Path | None
    update_tree: Path | None
    mail: Path | None
    patches: Path | None
    embedder: tuple[str, ...]
    runs: int
    work: Path
    index: Path


Figures = Iterator[tuple[str, float]]
# What the stages before have found.
Known = Mapping[str, float]


def build(setting: Setting, _: Known) -> Figures:
    """ctags and lrev take turns, so that a machine that grows busy slows both."""
    tags, builds = [], []
    for _turn in range(setting.runs):
        command = ["ctags", "-R", "--languages=C", "-f", str(setting.work / "tags"), str(setting.tree)]
        tags.append(run(command).wall_seconds)
        shutil.rmtree(setting.index, ignore_errors=True)
        builds.append(_index(setting, "--tree", f"tree={setting.tree}"))
    baseline, full = median(tags), median(one.wall_seconds for one in builds)
    yield "ctags seconds", baseline
    yield "build seconds", full
    yield "build / ctags", full / baseline
    yield "peak memory, GB", max(one.peak_megabytes for one in builds) / 1024
    yield "size, GB", megabytes(setting.index) / 1024
    yield "chunks", sum(sum(one.chunks.values()) for one in load(setting.index).segments)


def no_change(setting: Setting, _: Known) -> Figures:
    yield "no change, seconds", median(_index(setting).wall_seconds for _ in range(setting.runs))


def update(setting: Setting, known: Known) -> Figures:
    """From an older version to the tree, or from the tree to another. The bar grows with what the new blobs cost in a
    full build, which goes by their bytes: a version of a stable kernel changes 2.5% of the files and 8.6% of the bytes.
    """
    start, other = setting.index, setting.tree
    if setting.from_tree is not None:
        start = setting.work / "from-index"
        _index(setting, "--tree", f"tree={setting.from_tree}", into=start)
    else:
        other = _other_version(setting)
    before = _blobs(start)
    times = []
    for _turn in range(setting.runs):
        copy = _copied(start, setting.work)
        times.append(_index(setting, "--tree", f"tree={other}", into=copy).wall_seconds)
    after = _blobs(copy)
    share = sum(size for blob, size in after.items() if blob not in before) / sum(after.values())
    yield "changed blobs", sum(blob not in before for blob in after)
    yield "changed bytes, share", share
    yield "update seconds", median(times)
    yield "update / allowed", median(times) / (1.5 * share * known["build seconds"] + 5)


def versions(setting: Setting, _: Known) -> Figures:
    copy = _copied(setting.index, setting.work)
    one = megabytes(copy)
    _index(setting, "--tree", f"other={_other_version(setting)}", into=copy)
    yield "two versions / one", megabytes(copy) / one


def mail(setting: Setting, _: Known) -> Figures:
    """The parsing alone; `--mail` into an index of its own; then a box of new messages beside it."""
    assert setting.mail is not None
    times, updates = [], []
    parsed = [in_child(partial(_parse, setting.mail), threads=os.cpu_count() or 1) for _ in range(setting.runs)]
    rate = median(int(str(one.answer)) / one.wall_seconds for one in parsed)
    for at in range(setting.runs):
        directory = setting.work / "mail-index"
        shutil.rmtree(directory, ignore_errors=True)
        times.append(_index(setting, "--mail", setting.mail, into=directory).wall_seconds)
        box = setting.work / f"new-{at}.mbox"
        box.write_text("".join(_message(at, number) for number in range(_NEW_MESSAGES)))
        messages = sum(one.messages for one in load(directory).segments)
        updates.append(_index(setting, "--mail", box, into=directory).wall_seconds)
    yield "messages", messages
    yield "messages parsed a second", rate
    yield "messages indexed a second", messages / median(times)
    yield "100 new messages, seconds", median(updates)


def query(setting: Setting, _: Known) -> Figures:
    stores = sorted(setting.index.glob("segments/*/store.sqlite"))
    queries = from_patches(setting.patches) if setting.patches else from_stores(stores)
    times: Any = in_child(partial(_ask, setting.index, queries), threads=os.cpu_count() or 1).answer
    yield "queries", len(times)
    yield "query p50, ms", percentile(times, 0.5)
    yield "query p99, ms", percentile(times, 0.99)
    cold = [lrev("search", "--index", setting.index, _COLD_QUERY).wall_seconds for _ in range(setting.runs)]
    yield "cold first query, seconds", median(cold)


STAGES: dict[str, Callable[[Setting, Known], Figures]] = {
    "build": build,
    "nochange": no_change,
    "query": query,
    "update": update,
    "versions": versions,
    "mail": mail,
}


def _parse(archive: Path) -> int:
    """How many messages of an archive are read and taken apart, by as many processes as a build would use."""
    from lrev.indexing.archives import MailReading
    from lrev.indexing.pool import parse_all

    return sum(1 for _ in parse_all(MailReading((archive,), (), frozenset()).tasks()))


def _ask(index: Path, queries: list[Query]) -> list[float]:
    """Milliseconds of each query, words, vectors and names together, after a round to warm up."""
    from lrev.indexing.reader import open_index
    from lrev.manifest import load_manifest
    from lrev.model.embedder import open_embedder

    with open_index(index) as opened:
        embedder = open_embedder(load_manifest().get(opened.generation.embedder.name))
        rounds = [[timed(partial(opened.search, one.text, embedder, _LIMIT))[1] for one in queries] for _ in range(2)]
    return rounds[-1]


def _index(setting: Setting, *arguments: str | Path, into: Path | None = None) -> Run:
    directory = into or setting.index
    embedder = () if (directory / "CURRENT").exists() else setting.embedder
    return lrev("index", "--index", directory, *embedder, *arguments)


def _blobs(directory: Path) -> dict[str, int]:
    """With their sizes in bytes."""
    generation = load(directory)
    connection = sqlite3.connect(f"file:{listing_path(directory, generation.number)}?immutable=1", uri=True)
    found = dict(connection.execute("select blob, size from file where tree = 'tree'"))
    connection.close()
    return found


def _copied(index: Path, work: Path) -> Path:
    """The index again: segments never change, so that a second name for their files will do."""
    copy = work / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(index, copy, ignore=shutil.ignore_patterns("segments"))
    shutil.copytree(index / "segments", copy / "segments", copy_function=os.link)
    return copy


def _other_version(setting: Setting) -> Path:
    if setting.update_tree is not None:
        return setting.update_tree
    other = setting.work / "other-version"
    if not other.exists():
        shutil.copytree(setting.tree, other, copy_function=_linked, symlinks=True)
        for path in sorted(other.rglob("*.c"))[::_CHANGED_EVERY]:
            text = path.read_bytes()
            path.unlink()
            path.write_bytes(text + b"\nstatic int another_version;\n")
    return other


def _linked(source: str, target: str) -> None:
    """A second name, or a copy where the tree lies on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _message(box: int, number: int) -> str:
    return (
        "From mboxrd@z Thu Jan  1 00:00:00 1970\n"
        f"From: Ada Example <ada@example.org>\nMessage-ID: <new-{box}-{number}@example.org>\n"
        f"Date: Mon, 4 Mar 2024 11:00:00 +0000\nSubject: Re: [PATCH {number}/100] lamp: switch under the lock\n\n"
        f"> +\tlamp->lit[{number}] = true;\n\nThis line {number} wants the mutex of the lamp, does it not?\n\n"
    )
