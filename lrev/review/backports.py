"""What code says of a backport, with the upstream history at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lrev.evidence import backport
from lrev.evidence.backport_places import misplaced
from lrev.evidence.prerequisites import needed
from lrev.review.verify import finding_of, finding_of_message
from lrev.source.branch import Branch, Presence
from lrev.source.git_output import CommitText
from lrev.source.markers import Marker, same_commit, upstream_markers
from lrev.source.tree import Tree
from lrev.source.upstream import Later, Upstream
from lrev.types import Certainty, Patch, Suspicion, Verdict

NOT_UPSTREAM = "names an upstream commit that is not there"
PREREQUISITE = "prerequisite missing from this branch"
LATER_FIX = "later upstream fix missing from this branch"

_SHOWN_DIGITS = 12
# A patch that lacks more has been taken out of another age; the first few say so.
_MOST_PREREQUISITES = 8


@dataclass(frozen=True, slots=True)
class Backport:
    """A patch that names upstream commits. `tree` is as it is after the patch; `beside` are the other patches of its
    series; `exists` looks a name up exhaustively in the tree; `branch` is None where its history is not at hand.
    """

    patch: Patch
    tree: Tree
    beside: tuple[Patch, ...]
    exists: Callable[[str], bool]
    upstream: Upstream
    branch: Branch | None

    def verdicts(self) -> Iterator[Verdict]:
        """Nothing of a patch that is no backport."""
        markers = upstream_markers(self.patch.description)
        named = {marker: self.upstream.commits(marker.commit) for marker in markers}
        known = {marker: commits[0] for marker, commits in named.items() if len(commits) == 1}
        if not known:
            yield from (self._verdict(_not_found(marker, commits)) for marker, commits in named.items())
            return
        yield from map(self._verdict, self._aside(known))
        first = next(iter(known))
        change = tuple(diff for commit in known.values() for diff in self.upstream.change(commit))
        there = self.upstream.tree(tuple(known.values())[-1])
        differ = backport.differences(self.patch, change, first.line)
        for one in (*differ, *misplaced(self.patch, change, self.tree.read, there.read)):
            yield self._verdict(one, Certainty.NOTED)
        paths = tuple(dict.fromkeys((*(diff.old_path for diff in change), *(diff.path for diff in self.patch.files))))
        yield from map(self._verdict, self._prerequisites(known[first], paths))
        for marker, commit in known.items():
            yield from self._later(marker, commit)

    def _verdict(self, one: Suspicion, certainty: Certainty = Certainty.PROVEN) -> Verdict:
        diff = next((diff for diff in self.patch.files if diff.path == one.path), None)
        found = finding_of(one, diff) if diff is not None else finding_of_message(one, self.patch)
        return Verdict(replace(found, certainty=certainty), True, "the upstream history shows it")

    def _aside(self, known: dict[Marker, str]) -> Iterator[Suspicion]:
        for marker, commit in known.items():
            if not self.upstream.has(commit):
                text = f"commit {commit[:_SHOWN_DIGITS]} is in the upstream repository, but not in its history so far."
                yield _remark(NOT_UPSTREAM, marker, text)

    def _prerequisites(self, commit: str, paths: Sequence[str]) -> Iterator[Suspicion]:
        before = [one for one in self.beside if one.part < self.patch.part]
        wanted = needed(self.patch, self.tree.read, self.exists, before)
        where = self.upstream.where_before(commit, [one.name for one in wanted], paths)
        shown = [one for one in wanted if one.name in where][:_MOST_PREREQUISITES]
        introduced = self.upstream.introduced({one.name: where[one.name] for one in shown}, commit)
        for one in shown:
            brought = introduced.get(one.name)
            since = f", since {_named(brought)}" if brought is not None else ""
            text = f"`{one.name}` is nowhere in this tree; upstream has it in {where[one.name]}{since}."
            yield Suspicion(backport.NAME, PREREQUISITE, one.path, "", one.line, text, (), subject=one.name)

    def _later(self, marker: Marker, commit: str) -> Iterator[Verdict]:
        """The later commits that this branch lacks, or may lack, unless they were taken back themselves."""
        for later in self.upstream.later(commit):
            presence = self._presence(later)
            if presence not in (Presence.LACKS, Presence.UNKNOWN):
                continue
            if any(one.reverts for one in self.upstream.later(later.text.commit)):
                continue
            does = "reverts" if later.reverts else "fixes"
            lacks = (
                "this branch does not have it"
                if presence is Presence.LACKS
                else "whether this branch has it is not known"
            )
            text = f"{_named(later.text)} {does} this upstream; {lacks}."
            certainty = Certainty.PROVEN if presence is Presence.LACKS else Certainty.SUSPECTED
            yield self._verdict(_remark(LATER_FIX, marker, text, later.text.commit), certainty)

    def _presence(self, later: Later) -> Presence:
        """A fix may also have been folded into the backport, or come with another patch of the series."""
        text = later.text
        if carries((self.patch, *self.beside), text.commit, text.subject) or self._is_in_tree(text):
            return Presence.BACKPORTED
        if self.branch is None:
            return Presence.UNKNOWN
        return self.branch.presence(text.commit, text.subject, text.date)

    def _is_in_tree(self, text: CommitText) -> bool:
        files = self.upstream.change(text.commit)
        return bool(files) and all(backport.contains(self.tree.read(diff.path), diff) for diff in files)


def carries(patches: Sequence[Patch], commit: str, subject: str) -> bool:
    """Whether one of the patches is a commit, or a backport of it."""
    return any(
        same_commit(one.commit, commit)
        or (subject and one.subject == subject)
        or any(same_commit(marker.commit, commit) for marker in upstream_markers(one.description))
        for one in patches
    )


def _not_found(marker: Marker, commits: Sequence[str]) -> Suspicion:
    if commits:
        return _remark(NOT_UPSTREAM, marker, f"{marker.commit} is ambiguous: {len(commits)} upstream commits begin so.")
    return _remark(NOT_UPSTREAM, marker, f"commit {marker.commit[:_SHOWN_DIGITS]} is not in the upstream repository.")


def _remark(mechanism: str, marker: Marker, text: str, subject: str = "") -> Suspicion:
    return Suspicion(backport.NAME, mechanism, "", "", marker.line, text, (), subject=subject or marker.commit)


def _named(text: CommitText) -> str:
    return f'commit {text.commit[:_SHOWN_DIGITS]} ("{text.subject}")'
