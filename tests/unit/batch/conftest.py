"""An index over the examples, made once, and an empty queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.batch.queue import Queue, open_queue
from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder
from tests.unit.batch.batches import TREE


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    directory = tmp_path_factory.mktemp("index")
    build(sources_of([TREE], []), directory, FakeEmbedder())
    with open_index(directory) as opened:
        yield opened


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    with open_queue(tmp_path / "queue") as opened:
        yield opened
