"""What is inferred of small trees, by name: `kind detail`, and the condition behind a comma."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.types import FactOrigin
from tests.unit.indexing.embedding import WordEmbedder


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in {"Kbuild": "obj-y += drivers/\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def index_of(directory: Path, files: Mapping[str, str]) -> Index:
    """A new index over a new tree, open."""
    build(sources_of([write_tree(directory / "tree", files)], []), directory / "index", WordEmbedder())
    return open_index(directory / "index")


def update(directory: Path, files: Mapping[str, str]) -> Index:
    """Change files of the tree and bring the index up to date."""
    write_tree(directory / "tree", files)
    build(Sources(), directory / "index", WordEmbedder())
    return open_index(directory / "index")


def inferred(index: Index, name: str, path: str = "") -> list[str]:
    """Of the functions of this name, or of the one in the file."""
    told = []
    for fact in index.facts(name):
        places = [place.path for place in index.locate(fact.blob)]
        if fact.origin is FactOrigin.INFERRED and (not path or path in places):
            told.append(f"{fact.kind.value} {fact.detail}" + (f", {fact.condition}" if fact.condition else ""))
    return told
