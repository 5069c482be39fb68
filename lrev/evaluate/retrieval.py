"""How much of what reviewers knew stands in the pack: of lrev, of simpler tools, and of lrev without one source each.

The score of a pack is the share of the names that the reviewers of a patch used, that the tree knows and that the
patch mail does not hold, which stand in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from lrev.evaluate.baselines import Baseline, Baselines, filled
from lrev.evaluate.known_names import Words
from lrev.evaluate.mailbox import Mailbox
from lrev.evaluate.naming import Name
from lrev.evaluate.precedent import Precedent, precedent
from lrev.evaluate.reviewed_patches import ReviewedPatch
from lrev.indexing.reader import Index
from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.lookup import Lookup, Sources
from lrev.retrieve.pack import Pack, pack_patch
from lrev.retrieve.subject import Subject, subjects_of
from lrev.source.placed import laid
from lrev.source.tree import OverlayTree, Tree
from lrev.types import BaseHow, Embedder, Message, Passage

BUDGETS_TOKENS = (1000, 2000, 4000, 8000)
# The one that the bars and the ablation are about.
MAIN_BUDGET_TOKENS = 4000
OURS = "lrev"


@dataclass(frozen=True, slots=True)
class Packed:
    """The names that stand in one pack. `method` is OURS, a baseline, or an origin that was left out."""

    method: str
    budget_tokens: int
    found: frozenset[Name]


@dataclass(frozen=True, slots=True)
class Measured:
    """One patch. `passages` are lrev's pack of the main budget, `by_origin` which names each origin brings to it."""

    message_id: str
    subject: str
    base: BaseHow
    names: tuple[Name, ...]
    packs: tuple[Packed, ...]
    by_origin: Mapping[Origin, frozenset[Name]]
    passages: tuple[Passage, ...]
    precedent: Precedent

    def share(self, method: str, budget_tokens: int) -> float:
        return len(self.found(method, budget_tokens)) / len(self.names)

    def found(self, method: str, budget_tokens: int) -> frozenset[Name]:
        return next(one.found for one in self.packs if (one.method, one.budget_tokens) == (method, budget_tokens))


@dataclass(frozen=True, slots=True)
class Material:
    """What packs are made of; `count` gives tokens of the generator, `mailbox` is where the patches are from."""

    index: Index
    embedder: Embedder
    tree: Tree
    mailbox: Mailbox
    count: Callable[[str], int]

    def measured(self, one: ReviewedPatch) -> Measured:
        """As of the patch's own date, without its thread, on top of the parts of its series before it."""
        subjects, lookup = self._looked_up(one)
        candidates = lookup.candidates(subjects)
        count = cache(self.count)
        packs = [pack_patch(candidates, one.patch, count, tokens) for tokens in BUDGETS_TOKENS]
        main = packs[BUDGETS_TOKENS.index(MAIN_BUDGET_TOKENS)]
        return Measured(
            message_id=one.message.message_id,
            subject=one.patch.subject,
            base=one.base,
            names=one.names,
            packs=(
                *(Packed(OURS, pack.budget_tokens, _found(one.names, pack.text)) for pack in packs),
                *self._baselines(one, lookup, subjects, count),
                *_ablation(one, candidates, count),
            ),
            by_origin=_by_origin(one.names, main, candidates),
            passages=main.passages,
            precedent=precedent(one, main.passages, self._message),
        )

    def candidates(self, one: ReviewedPatch) -> tuple[Candidate, ...]:
        subjects, lookup = self._looked_up(one)
        return lookup.candidates(subjects)

    def _looked_up(self, one: ReviewedPatch) -> tuple[tuple[Subject, ...], Lookup]:
        before = self._before(one)
        subjects = subjects_of(one.patch, before)
        sources = Sources(self.index, self.embedder, self.tree, one.message.date)
        return subjects, Lookup(sources, one.patch, laid(one.patch, before).files, one.own_thread)

    def _message(self, message_id: str) -> Message | None:
        """What is looked up in the index need not be in the archives that the patches are from."""
        return self.mailbox.message(message_id) or self.index.message(message_id)

    def _before(self, one: ReviewedPatch) -> OverlayTree:
        tree = OverlayTree(self.tree, {})
        for patch in one.earlier:
            tree = laid(patch, tree)
        return tree

    def _baselines(
        self, one: ReviewedPatch, lookup: Lookup, subjects: tuple[Subject, ...], count: Callable[[str], int]
    ) -> list[Packed]:
        packs = []
        for baseline in Baseline:
            candidates = Baselines(lookup).candidates(baseline, subjects)
            for tokens in BUDGETS_TOKENS:
                text = filled(candidates, count, tokens).text
                packs.append(Packed(baseline, tokens, _found(one.names, text)))
        return packs


def _ablation(one: ReviewedPatch, candidates: tuple[Candidate, ...], count: Callable[[str], int]) -> list[Packed]:
    packs = []
    for origin in Origin:
        rest = tuple(candidate for candidate in candidates if candidate.origin is not origin)
        pack = pack_patch(rest, one.patch, count, MAIN_BUDGET_TOKENS)
        packs.append(Packed(origin, MAIN_BUDGET_TOKENS, _found(one.names, pack.text)))
    return packs


def _by_origin(names: Sequence[Name], pack: Pack, candidates: Sequence[Candidate]) -> dict[Origin, frozenset[Name]]:
    origins = {(one.source, one.text): one.origin for one in candidates}
    texts: dict[Origin, list[str]] = {}
    for passage in pack.passages:
        texts.setdefault(origins[passage.source, passage.text], []).append(
            f"{passage.source}\n{passage.title}\n{passage.text}"
        )
    return {origin: _found(names, "\n".join(found)) for origin, found in texts.items()}


def _found(names: Sequence[Name], text: str) -> frozenset[Name]:
    words = Words((text,))
    return frozenset(name for name in names if name in words)
