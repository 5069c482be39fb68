"""Settings -> all that a context pack needs: an open index, and the tokens of a generator that need not be loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from lrev.indexing.overlay import overlay
from lrev.indexing.reader import Index, open_index
from lrev.indexing.reviewed import Reviewed, reviewed
from lrev.manifest import Manifest, Role, load_manifest
from lrev.model.store import locate
from lrev.model.tokenizer import Count, open_counter
from lrev.retrieve.lookup import Lookup, Sources, own_thread
from lrev.retrieve.pack import Pack, pack_patch
from lrev.retrieve.subject import subjects_of
from lrev.review.inputs import laid_series
from lrev.settings import Settings
from lrev.source.git import Repository
from lrev.source.placed import laid, overlaid_files
from lrev.source.tree import OverlayTree
from lrev.types import Embedder, Patch
from lrev.wiring.embedders import embedder_of


@dataclass(frozen=True, slots=True)
class Opened:
    """An index with what has changed in its tree since laid over it."""

    index: Index
    embedder: Embedder
    base: Reviewed


@dataclass(frozen=True, slots=True)
class Contexts:
    sources: Sources
    repository: Repository | None
    count: Count

    def of_input(
        self, source: str, data: bytes | None, budget_tokens: int, note: Callable[[str], None]
    ) -> Iterator[tuple[Patch, Pack]]:
        """INPUT as in a review; patch n is read on top of patches 1 to n-1. What is odd about a series is noted."""
        for series, _, base_tree in laid_series(source, data, self.sources.tree, self.repository):
            for odd in series.notes:
                note(odd)
            tree = OverlayTree(base_tree, {})
            for patch in series.patches:
                subjects = subjects_of(patch, tree)
                tree = laid(patch, tree)
                lookup = Lookup(self.sources, patch, overlaid_files(tree), own_thread(patch, self.sources.index))
                yield patch, pack_patch(lookup.candidates(subjects), patch, self.count, budget_tokens)


def counter(manifest: Manifest, model: str) -> AbstractContextManager[Count]:
    """Of a generator by name, "" for the default one. Raises ModelMissing if it is not on this machine."""
    spec = manifest.get(model or manifest.default_generator, Role.GENERATOR)
    return open_counter(locate(spec))


def open_laid_over(stack: ExitStack, settings: Settings, manifest: Manifest, tree: str | None) -> Opened:
    """For the life of `stack`; `tree` as in reviewed()."""
    published = stack.enter_context(open_index(settings.index))
    embedder = embedder_of(published, manifest)
    base = reviewed(published, tree)
    if len(base.names) < len(published.trees):
        published = stack.enter_context(open_index(settings.index, trees=base.names))
    index = overlay(published, base.tree, embedder)
    if index is not published:
        stack.callback(index.close)
    return Opened(index, embedder, base)


def open_contexts(
    stack: ExitStack, settings: Settings, *, tree: str | None, model: str, before: int | None
) -> Contexts:
    """For the life of `stack`."""
    manifest = load_manifest()
    count = stack.enter_context(counter(manifest, model))
    opened = open_laid_over(stack, settings, manifest, tree)
    sources = Sources(opened.index, opened.embedder, opened.base.tree, before)
    return Contexts(sources, opened.base.repository, count)
