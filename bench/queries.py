"""What is asked: names, changed lines and sentences, from patches or from the index itself."""

from __future__ import annotations

import random
import re
import sqlite3
import zlib
from dataclasses import dataclass
from pathlib import Path

_SEED = 5
_PER_KIND = 150
_SENTENCE_CHARACTERS = 60
_FEW_LINES = 6
_TRAILER = re.compile(r"^\s*(?:\[|commit [0-9a-f]{40}|[A-Z][a-z-]+-by:|Fixes:|Link:|Cc:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """`kind` is "name", "lines" or "sentence"; `target` is the name that should be found, "" when there is none."""

    kind: str
    text: str
    target: str = ""


def from_patches(directory: Path) -> list[Query]:
    """The function of each hunk, its lines after the change, and the first paragraph of the message."""
    found: list[Query] = []
    for path in sorted(directory.glob("*.patch")):
        head, _, diff = path.read_text(errors="replace").partition("\ndiff --git")
        body = head.partition("\n\n")[2].partition("\n---\n")[0]
        paragraphs = [one for one in body.split("\n\n") if len(one) > _SENTENCE_CHARACTERS and not _TRAILER.search(one)]
        found += [Query("sentence", " ".join(one.split())) for one in paragraphs[:1]]
        for hunk in re.split(r"^@@", diff, flags=re.MULTILINE)[1:]:
            context, _, rest = hunk.partition("@@")[2].partition("\n")
            function = re.search(r"(\w+)\(", context)
            lines = [line[1:] for line in rest.split("\ndiff --git")[0].split("\n") if line[:1] in ("+", " ")]
            if function and lines:
                name = function[1]
                found += [Query("name", name, name), Query("lines", "\n".join((name, *lines)), name)]
    return _sample(found)


def from_stores(stores: list[Path]) -> list[Query]:
    """Functions' names, a few lines out of their middle, and the first lines of documents."""
    found: list[Query] = []
    for path in stores:
        connection = sqlite3.connect(f"file:{path}?immutable=1", uri=True)
        for kind, name, text in connection.execute("select kind, name, text from chunk where id % 211 = 0"):
            lines = zlib.decompress(text).decode().split("\n")
            if kind == 0 and name and len(lines) > _FEW_LINES:
                middle = lines[len(lines) // 2 - 1 :][:_FEW_LINES]
                found += [Query("name", name, name), Query("lines", "\n".join(middle), name)]
            elif kind == 4:
                found.append(Query("sentence", " ".join(lines[2 : 2 + _FEW_LINES])))
        connection.close()
    return _sample([query for query in found if query.text.strip()])


def _sample(found: list[Query]) -> list[Query]:
    chosen: list[Query] = []
    for kind in ("name", "lines", "sentence"):
        unique = list(dict.fromkeys(one for one in found if one.kind == kind))
        chosen += random.Random(_SEED).sample(unique, min(_PER_KIND, len(unique)))
    return chosen
