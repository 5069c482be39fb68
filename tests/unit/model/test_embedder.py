"""What the embedders add to the libraries they drive; the libraries themselves are in tests/model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy
import pytest

from lrev.errors import ModelMissing
from lrev.manifest import ModelSpec, load_manifest
from lrev.model import embedder
from lrev.model.distil import distil
from lrev.model.embedder import (
    DeferredEmbedder,
    StaticEmbedder,
    TransformerEmbedder,
    defer_embedder,
    open_embedder,
)
from lrev.model.store import WEIGHTS, place, record, sha256_of

DIMENSION = 2


class Library:
    """Gives rows of length 5, and of length 0 for empty text; raises for no text at all, as model2vec does."""

    def __init__(self) -> None:
        self.options: dict[str, object] = {}

    def encode(self, texts: list[str], **options: object) -> object:
        self.options = options
        if not texts:
            raise ValueError("need at least one array to concatenate")
        return numpy.array([[3.0, 4.0] if text else [0.0, 0.0] for text in texts], dtype=numpy.float64)


Kind = Callable[[str, str, int, Library], StaticEmbedder | TransformerEmbedder]
both = pytest.mark.parametrize("kind", [StaticEmbedder, TransformerEmbedder])


@both
def test_rows_are_of_length_1_and_a_text_without_a_word_is_0(kind: Kind) -> None:
    rows = kind("e", "", DIMENSION, Library()).encode(["lock", "", "unlock"])
    assert rows.dtype == numpy.float32
    assert numpy.allclose(rows, [[0.6, 0.8], [0.0, 0.0], [0.6, 0.8]])


@both
def test_no_texts_give_no_rows_of_the_right_width(kind: Kind) -> None:
    rows = kind("e", "", DIMENSION, Library()).encode(())
    assert rows.shape == (0, DIMENSION)
    assert rows.dtype == numpy.float32


@both
def test_another_dimension_than_the_manifests_is_refused(kind: Kind) -> None:
    with pytest.raises(ModelMissing, match=r"gives vectors of 2 dimensions and models\.toml states 3"):
        kind("e", "", 3, Library()).encode(["lock"])


def test_the_static_embedder_starts_no_process_of_its_own() -> None:
    library = Library()
    StaticEmbedder("e", "", DIMENSION, library).encode(["lock"])
    assert library.options == {"use_multiprocessing": False}


def test_an_embedder_that_is_not_here_is_said_before_a_library_is_loaded() -> None:
    with pytest.raises(ModelMissing, match="model 'minilm-static' is not here"):
        open_embedder(load_manifest().get("minilm-static"))


def test_what_was_distilled_already_is_neither_fetched_nor_made_again() -> None:
    manifest = load_manifest()
    spec = manifest.get("minilm-static")
    place(spec).mkdir()
    (place(spec) / WEIGHTS).write_bytes(b"weights")
    record(spec, sha256_of(place(spec) / WEIGHTS))

    def fetch(_: object) -> Path:
        raise AssertionError("the teacher is not needed")

    assert distil(spec, manifest, fetch, lambda _: None) == place(spec)


def test_a_deferred_embedder_loads_its_model_at_the_first_text(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(spec: ModelSpec) -> StaticEmbedder:
        loaded.append(spec.name)
        return StaticEmbedder(spec.name, "a", DIMENSION, Library())

    monkeypatch.setattr(embedder, "open_embedder", load)
    spec = load_manifest().get("minilm-static")
    deferred = DeferredEmbedder(spec, "a")
    assert (deferred.name, deferred.sha256, deferred.dimension) == (spec.name, "a", spec.dimension)
    assert loaded == []
    assert len(deferred.encode(["lock"])) == len(deferred.encode(["unlock"])) == 1
    assert loaded == [spec.name]


def test_a_deferred_embedder_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ModelMissing):
        defer_embedder(load_manifest().get("minilm-static"))
