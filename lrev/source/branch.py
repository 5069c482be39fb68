"""The history that a patch is for: whether it has a commit, itself or as a backport."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lrev.source.git import Repository
from lrev.source.markers import same_commit, upstream_markers

# What every marker of the commit has in common, however short it was written; what else has it is read and left out.
_SEARCHED_DIGITS = 8
# Authors' clocks are their own; a month more of a history is read at once.
_CLOCK_SKEW_SECONDS = 30 * 24 * 3600


class Presence(Enum):
    HAS = "has it"
    BACKPORTED = "has a backport of it"
    LACKS = "does not have it"
    UNKNOWN = "cannot tell"  # a shallow clone, or an id that several commits share


@dataclass(frozen=True, slots=True)
class Branch:
    """All that leads to `tips`, commits of `repository`."""

    repository: Repository
    tips: tuple[str, ...]

    def subject(self, commit: str) -> str:
        """ "" for a commit that the repository does not have."""
        return self.repository.commit(commit).subject if self.repository.exists(commit) else ""

    def presence(self, commit: str, subject: str = "", since_seconds: int = 0) -> Presence:
        """Of a commit by its id, which may be abbreviated. A backport names it, or has its subject.

        No backport is older than the commit itself: `since_seconds`, where its date is known, spares the walk.
        """
        named = self.repository.commits_with_prefix(commit)
        if len(named) > 1:
            return Presence.UNKNOWN
        if any(self.repository.is_ancestor(one, tip) for one in named for tip in self.tips):
            return Presence.HAS
        date = self.repository.commit(named[0]).date if named else since_seconds
        texts = (commit[:_SEARCHED_DIGITS], _folded(subject))
        for one in self.repository.mentioning(texts, self.tips, self._earliest(date)):
            text = self.repository.commit(one)
            if any(same_commit(marker.commit, commit) for marker in upstream_markers(text.body)):
                return Presence.BACKPORTED
            if subject and _folded(text.subject) == _folded(subject):
                return Presence.BACKPORTED
        return Presence.UNKNOWN if self.repository.is_shallow() else Presence.LACKS

    def _earliest(self, date: int) -> int:
        """When a backport of a commit of this date can have been made at the earliest; 0 where its clock was wrong."""
        newest = max((self.repository.commit(tip).date for tip in self.tips), default=0)
        return max(0, date - _CLOCK_SKEW_SECONDS) if date <= newest else 0


def _folded(subject: str) -> str:
    return " ".join(subject.split())
