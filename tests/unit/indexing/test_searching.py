"""The order in which a fused search gives what it found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from tests.unit.indexing.embedding import WordEmbedder

EMBEDDER = WordEmbedder()


# Each of the three lists counts a chunk once, at best at its first rank: (3 + 1 + 0.6) / (60 + 1).
MOST = 4.6 / 61
LONG = "\n".join(f"\tlamp->level[{at}] = lamp->level[{at}] + step * {at};" for at in range(8))


def function(name: str, body: str) -> str:
    return f"int {name}(struct lamp *lamp, int step)\n{{\n{body}\n\treturn lamp->level[0];\n}}\n\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    root = tmp_path_factory.mktemp("tree")
    for folder in ("drivers/lamp", "tools/lamp", "drivers/lamp/tests"):
        (root / folder).mkdir(parents=True)
        for at in range(4):
            name = f"{folder.replace('/', '_')}_{at}"
            body = LONG if at % 2 else "\tlamp->level[0] += step;"
            (root / folder / f"lamp{at}.c").write_text(function(name, body))
    variants = "".join(
        f"#define lamp_level_max {at} /* a lamp with so many levels, of which one is off */\n" for at in range(9)
    )
    (root / "drivers/lamp/level.h").write_text(variants)
    directory = tmp_path_factory.mktemp("index")
    build(sources_of([root], []), directory, EMBEDDER)
    with open_index(directory) as opened:
        yield opened


@pytest.mark.parametrize("query", ["lamp level step", "raise the level of a lamp", "drivers_lamp_1 lamp level"])
def test_hits_come_in_the_order_of_their_scores(index: Index, query: str) -> None:
    scores = [hit.score for hit in index.search(query, EMBEDDER)]
    assert len(scores) > 6
    assert scores == sorted(scores, reverse=True)


def test_a_chunk_that_defines_a_name_many_times_counts_once(index: Index) -> None:
    assert len(index.definitions("lamp_level_max")) == 9
    hits = index.search("lamp_level_max", EMBEDDER)
    assert hits[0].path == "drivers/lamp/level.h"
    assert hits[0].score <= MOST
