"""An embedder of models.toml by name, or the one of an index. Apart from reviews, which take long to import."""

from __future__ import annotations

from lrev.indexing.reader import Index
from lrev.log import talk
from lrev.manifest import Manifest, Role
from lrev.model.distil import distil
from lrev.model.embedder import defer_embedder
from lrev.model.store import State, is_distilled, locate, verify
from lrev.types import Embedder


def ready_embedder(name: str, manifest: Manifest) -> Embedder:
    """An embedder by name; one that is distilled here is made if it is missing and its teacher is not."""
    spec = manifest.get(name, Role.EMBEDDER)
    if is_distilled(spec) and verify(spec, remembered=True).state is not State.READY:
        distil(spec, manifest, locate, lambda line: talk(f"lrev: {line}"))
    return defer_embedder(spec)


def embedder_of(index: Index, manifest: Manifest) -> Embedder:
    """The embedder that the index was built with."""
    return ready_embedder(index.generation.embedder.name, manifest)
