"""tests/data/context as an index, a tree and a patch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from lrev.retrieve.candidate import Candidate
from lrev.retrieve.lookup import Lookup, Sources, own_thread
from lrev.retrieve.subject import subjects_of
from lrev.source.placed import laid, overlaid_files
from lrev.source.series import read_input
from lrev.source.tree import DirectoryTree, OverlayTree
from lrev.types import Patch
from tests.unit.indexing.embedding import WordEmbedder

DATA = Path(__file__).resolve().parents[2] / "data" / "context"
TREE = DirectoryTree(DATA / "tree")
EMBEDDER = WordEmbedder()
SEPARATOR = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"


@contextmanager
def indexed(directory: Path, *more: bytes) -> Iterator[Index]:
    """The tree and the archive, with more mails if any are given."""
    mails = (*(path.read_bytes() for path in sorted((DATA / "mail").iterdir())), *more)
    box = directory / "box"
    box.write_bytes(b"".join(SEPARATOR + data.rstrip() + b"\n\n" for data in mails))
    build(sources_of([TREE.root], [box]), directory / "index", EMBEDDER)
    with open_index(directory / "index") as index:
        yield index


def the_patch(**values: object) -> Patch:
    (series,) = read_input(str(DATA / "patch.mbox"), None, None)
    return replace(series.patches[0], **values)  # type: ignore[arg-type]


def candidates(index: Index, patch: Patch, *earlier: Patch, before: int | None = None) -> tuple[Candidate, ...]:
    """What is found for a patch on top of the parts before it."""
    tree = OverlayTree(TREE, {})
    for one in earlier:
        tree = laid(one, tree)
    sources = Sources(index, EMBEDDER, TREE, before)
    subjects, after = subjects_of(patch, tree), laid(patch, tree)
    return Lookup(sources, patch, overlaid_files(after), own_thread(patch, index)).candidates(subjects)
