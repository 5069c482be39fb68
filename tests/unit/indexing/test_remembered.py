from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy

from lrev.indexing.remembered import RememberingEmbedder
from lrev.model.fake import FakeEmbedder


class Counting:
    """A fake embedder that notes what it is asked."""

    name, sha256, dimension = FakeEmbedder().name, FakeEmbedder().sha256, FakeEmbedder().dimension

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        self.asked += texts
        return FakeEmbedder().encode(texts)


def test_what_was_embedded_is_not_embedded_again_after_a_kill(tmp_path: Path) -> None:
    inner = Counting()
    with RememberingEmbedder(inner, tmp_path) as first:
        before = first.encode(["a lamp", "a room", "a lamp"])
    (kept,) = tmp_path.iterdir()
    # A kill in the middle of a record.
    kept.write_bytes(kept.read_bytes() + b"half")
    with RememberingEmbedder(inner, tmp_path) as second:
        after = second.encode(["a room", "a door", "a lamp"])
    assert inner.asked == ["a lamp", "a room", "a door"]
    assert numpy.array_equal(before[[1, 0]], after[[0, 2]])
    assert numpy.allclose(after, FakeEmbedder().encode(["a room", "a door", "a lamp"]), atol=1e-3)
    with RememberingEmbedder(inner, tmp_path) as third:
        third.encode(["a door"])
        assert third.encode([]).shape == (0, inner.dimension)
    assert inner.asked[3:] == []
    third.forget()
    assert not list(tmp_path.iterdir())
