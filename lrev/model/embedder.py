"""The two embedders: a static table of word vectors, and the transformer it was distilled from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from lrev.errors import ModelMissing
from lrev.manifest import ModelSpec
from lrev.model.averaging import Averaging
from lrev.model.distil import OFFLINE
from lrev.model.store import is_distilled, locate, recorded_sha256
from lrev.types import Embedder

if TYPE_CHECKING:
    import numpy
    from model2vec import StaticModel

# Texts a call: enough to fill the machine, few enough to keep the transformer's padding small.
_BATCH_TEXTS = 64


class _Encoder(Protocol):
    """What the two libraries have in common."""

    def encode(self, texts: list[str], **options: object) -> object: ...


@dataclass(frozen=True, slots=True)
class StaticEmbedder:
    """Word vectors, averaged (model2vec): 15,000 texts a second on one core with `averaging`, 2,000 without."""

    name: str
    sha256: str
    dimension: int
    model: _Encoder
    averaging: Averaging | None = None

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """float32, shape (len(texts), dimension), rows of length 1, or 0 for a text without a known word."""
        if self.averaging is None:
            return _unit_rows(self._by_library(texts), self.dimension)
        rows, left = self.averaging.sums(texts)
        if left:
            rows[left] = self._by_library([texts[at] for at in left])
        return _unit_rows(rows, self.dimension)

    def _by_library(self, texts: Sequence[str]) -> numpy.ndarray:
        # Of its own accord it would start processes for large inputs; what is started here is sealed by us.
        return _encoded(self.model, texts, self.dimension, use_multiprocessing=False)


@dataclass(frozen=True, slots=True)
class TransformerEmbedder:
    """A sentence-transformers folder on the CPU: tens of texts a second."""

    name: str
    sha256: str
    dimension: int
    model: _Encoder

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """float32, shape (len(texts), dimension), rows of length 1."""
        options = {"batch_size": _BATCH_TEXTS, "show_progress_bar": False, "convert_to_numpy": True}
        return _unit_rows(_encoded(self.model, texts, self.dimension, **options), self.dimension)


@dataclass(slots=True)
class DeferredEmbedder:
    """Loads its model, which takes most of a second, at the first text: an update that finds nothing new has none."""

    spec: ModelSpec
    sha256: str
    opened: Embedder | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def dimension(self) -> int:
        return self.spec.dimension

    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """As the embedder that is loaded. Raises ModelMissing when its file was removed meanwhile."""
        if self.opened is None:
            self.opened = open_embedder(self.spec)
        return self.opened.encode(texts)


def defer_embedder(spec: ModelSpec) -> Embedder:
    """The same as open_embedder, verified now and loaded when it is needed. Raises ModelMissing."""
    locate(spec)
    return DeferredEmbedder(spec, recorded_sha256(spec) if is_distilled(spec) else spec.sha256)


def open_embedder(spec: ModelSpec) -> Embedder:
    """Loads a verified embedder. Raises ModelMissing. The process must be sealed before (invariant 3)."""
    path = locate(spec)
    os.environ.update(OFFLINE)
    if is_distilled(spec):
        model = _static(path)
        return StaticEmbedder(spec.name, recorded_sha256(spec), spec.dimension, model, Averaging.of(model))
    return TransformerEmbedder(spec.name, spec.sha256, spec.dimension, _transformer(path))


def _static(path: Path) -> StaticModel:
    from model2vec import StaticModel

    return StaticModel.from_pretrained(str(path))


def _transformer(path: Path) -> _Encoder:
    from sentence_transformers import SentenceTransformer

    # A folder may hold a pickle beside its safetensors; it is never the one that is read (invariant 9).
    safe = {"use_safetensors": True}
    return cast("_Encoder", SentenceTransformer(str(path), device="cpu", local_files_only=True, model_kwargs=safe))


def _encoded(model: _Encoder, texts: Sequence[str], dimension: int, **options: object) -> numpy.ndarray:
    """What the library gives; it cannot be asked for no texts at all."""
    import numpy

    if not texts:
        return numpy.zeros((0, dimension), dtype=numpy.float32)
    return numpy.asarray(model.encode(list(texts), **options), dtype=numpy.float32)


def _unit_rows(rows: numpy.ndarray, dimension: int) -> numpy.ndarray:
    """Raises ModelMissing when the vectors are not of the dimension that models.toml states."""
    import numpy

    if rows.shape[-1] != dimension:
        raise ModelMissing(
            f"the embedder gives vectors of {rows.shape[-1]} dimensions and models.toml states {dimension}",
            "correct its dimension in models.toml",
        )
    lengths = numpy.linalg.norm(rows, axis=1, keepdims=True)
    unit: numpy.ndarray = numpy.divide(rows, lengths, out=numpy.zeros_like(rows), where=lengths > 0)
    return unit
