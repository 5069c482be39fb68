"""Everything that may be shown beside the changes of one patch, of all origins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

from lrev.retrieve import around
from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.definitions import Definitions
from lrev.retrieve.earlier import Versions
from lrev.retrieve.lookups import Lookups
from lrev.retrieve.members import Members
from lrev.retrieve.searches import Searches
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import Subject
from lrev.source.tree import Tree
from lrev.types import Embedder, Patch

if TYPE_CHECKING:
    from lrev.indexing.reader import Index


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things are looked up: an index, and the tree it was made of. Mail of the time `before` (seconds since
    1970) or later stays unseen.
    """

    index: Index
    embedder: Embedder
    tree: Tree
    before: int | None = None


@dataclass(frozen=True)
class Lookup:
    """What `sources` have for `patch`. `changed` are the files that its series changes, as the parts so far leave them;
    mail of `own_thread` stays unseen, but for what was said of earlier versions. Callees that are `asked` about are
    looked up however well known they are.
    """

    sources: Sources
    patch: Patch
    changed: Mapping[str, bytes | None] = field(default_factory=dict)
    own_thread: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    def candidates(self, subjects: tuple[Subject, ...]) -> tuple[Candidate, ...]:
        """By origin, within each the nearest first; of several subjects each in turn."""
        index, embedder = self.sources.index, self.sources.embedder
        seen = Seen(self.sources.tree, {**self.changed, **{one.path: one.data for one in subjects}})
        definitions = Definitions(index, seen, subjects)
        exact = zip_longest(*(list(self._exact(subject, seen, definitions)) for subject in subjects))
        found = [one for row in exact for one in row if one is not None]
        unseen = self.own_thread | {one.source for one in self.said}
        searches = Searches(index, embedder, seen, self.sources.before, unseen)
        return (*found, *searches.candidates(subjects, self.patch.subject), *self.said)

    @cached_property
    def said(self) -> tuple[Candidate, ...]:
        """Of earlier versions of the patch."""
        return tuple(Versions(self.sources.index, self.sources.before).candidates(self.patch))

    def _exact(self, subject: Subject, seen: Seen, definitions: Definitions) -> Iterator[Candidate]:
        yield from around.candidates(subject)
        yield from Lookups(self.sources.index, seen, definitions, self.asked).candidates(subject)
        yield from Members(self.sources.index, seen, definitions).candidates(subject)


def without(candidates: tuple[Candidate, ...], origins: frozenset[Origin]) -> tuple[Candidate, ...]:
    return tuple(one for one in candidates if one.origin not in origins)


def own_thread(patch: Patch) -> frozenset[str]:
    """The mails that a patch mail names as its own thread, and itself."""
    if patch.message is None:
        return frozenset()
    return frozenset({patch.message.message_id, patch.message.in_reply_to, *patch.message.references})
