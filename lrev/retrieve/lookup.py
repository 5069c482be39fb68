"""Everything that may be shown beside the changes of one patch, of all origins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING

from lrev.retrieve import around
from lrev.retrieve.candidate import Candidate
from lrev.retrieve.definitions import Definitions
from lrev.retrieve.earlier import Versions
from lrev.retrieve.lookups import Lookups
from lrev.retrieve.members import Members
from lrev.retrieve.searches import Searches
from lrev.retrieve.seen import Seen
from lrev.retrieve.subject import FileText, Subject
from lrev.source.tree import Tree
from lrev.types import ChangedFunction, Embedder, Patch

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
    """What `sources` have for `patch`. `changed` are the files that its series changes, as the parts up to it leave
    them; mail of `own_thread` stays unseen, but for what was said of earlier versions. Callees that are `asked` about
    are looked up however well known they are.
    """

    sources: Sources
    patch: Patch
    changed: Mapping[str, bytes | None] = field(default_factory=dict)
    own_thread: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()

    def candidates(self, subjects: tuple[Subject, ...]) -> tuple[Candidate, ...]:
        """By origin, within each the nearest first; of several subjects, which are of files `changed`, each in turn."""
        self._files.update({one.path: one.file for one in subjects if one.file.data == self.changed.get(one.path)})
        exact = zip_longest(*(list(self._exact(subject)) for subject in subjects))
        found = [one for row in exact for one in row if one is not None]
        unseen = self.own_thread | {one.source for one in self.said}
        index, embedder = self.sources.index, self.sources.embedder
        searches = Searches(index, embedder, self.seen, self.sources.before, unseen)
        return (*found, *searches.candidates(subjects, self.patch.subject), *self.said)

    def of_function(self, function: ChangedFunction) -> tuple[Candidate, ...]:
        """Of one function of the patch."""
        return self.candidates((Subject.of_function(function, self._files[function.path]),))

    @cached_property
    def _files(self) -> dict[str, FileText]:
        """Each parsed at most once for all of the patch's functions."""
        return {path: FileText(path, data) for path, data in self.changed.items() if data is not None}

    @cached_property
    def seen(self) -> Seen:
        return Seen(self.sources.tree, self.changed)

    @cached_property
    def definitions(self) -> Definitions:
        return Definitions(self.sources.index, self.seen, self._files)

    @cached_property
    def said(self) -> tuple[Candidate, ...]:
        """Of earlier versions of the patch."""
        return tuple(Versions(self.sources.index, self.sources.before).candidates(self.patch))

    def _exact(self, subject: Subject) -> Iterator[Candidate]:
        index, seen, definitions = self.sources.index, self.seen, self.definitions
        yield from around.candidates(subject)
        yield from Lookups(index, seen, definitions, self.asked).candidates(subject)
        yield from Members(index, seen, definitions).candidates(subject)


def own_thread(patch: Patch, index: Index) -> frozenset[str]:
    """The mails of the thread that a patch mail stands in, as far as it names them or the index has them."""
    if patch.message is None:
        return frozenset()
    named = (patch.message.message_id, patch.message.in_reply_to, *patch.message.references)
    known = next(filter(None, (index.thread(one) for one in named if one)), ())
    return frozenset({*named, *(one.message_id for one in known)})
