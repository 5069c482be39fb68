"""What code says of a patch besides its functions: of message, history, Kconfig symbols, and who looks after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from lrev.evidence import kconfig, maintained, message, sent_before
from lrev.indexing.reader import Index
from lrev.review.backports import Backport, carries
from lrev.review.programs import Program
from lrev.review.verify import finding_of, finding_of_message
from lrev.source.branch import Branch, Presence
from lrev.source.tree import Tree
from lrev.source.upstream import Upstream
from lrev.types import Base, BaseHow, Certainty, Patch, SymbolKind, Verdict

# A tree without it is a part of a kernel, in which most symbols are missing.
_IN_ANY_KERNEL = "CONFIG_MODULES"
# Found in another way, the tree may be older than the patch, and its history says nothing of what the patch is for.
_SURE = (BaseHow.PARENT, BaseHow.BASE_COMMIT, BaseHow.BLOBS)


@dataclass(frozen=True, slots=True)
class Outside:
    """What takes part besides the index: `branch` is the history of the tree, if git has it; `programs` only run when
    they are asked for.
    """

    branch: Branch | None = None
    upstream: Upstream | None = None
    programs: tuple[Program, ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """A patch where it applies: `tree` is as it is after the patch, `beside` are the other patches of its series."""

    patch: Patch
    base: Base
    tree: Tree
    beside: tuple[Patch, ...] = ()


def remarks(laid: Laid, index: Index, outside: Outside = Outside(), before: int | None = None) -> Iterator[Verdict]:
    """Of mail, only what is older than `before` (seconds since 1970) takes part."""
    patch = laid.patch
    is_whole = bool(index.definitions(_IN_ANY_KERNEL, (SymbolKind.CONFIG,)))

    def is_defined(name: str) -> bool:
        return not is_whole or bool(index.definitions(name, (SymbolKind.CONFIG,)))

    def exists(name: str) -> bool:
        return not is_whole or index.exists(name)

    for one in message.check(patch, _ground(laid, exists, outside)):
        yield Verdict(finding_of_message(one, patch), True, "stands in the message")
    for one in sent_before.check(patch, index, before):
        noted = replace(finding_of_message(one, patch), certainty=Certainty.NOTED)
        yield Verdict(noted, True, "the archive has it")
    if outside.upstream is not None:
        branch = _history(laid, outside.branch, of_base=False)
        yield from Backport(patch, laid.tree, laid.beside, exists, outside.upstream, branch).verdicts()
    diffs = {diff.path: diff for diff in patch.files}
    for one in chain(kconfig.check(patch, is_defined), maintained.check(patch, laid.tree)):
        finding = finding_of(one, diffs[one.path])
        yield Verdict(finding, bool(finding.quote.strip()), "a line of the patch shows it")


def _ground(laid: Laid, exists: Callable[[str], bool], outside: Outside) -> message.Ground:
    branch, upstream = _history(laid, outside.branch, of_base=True), outside.upstream
    if branch is None:
        return message.Ground(exists)
    if laid.base.how not in _SURE:
        return message.Ground(exists, branch.subject)

    def presence(commit: str, subject: str) -> Presence:
        if carries(laid.beside, commit, subject):
            return Presence.BACKPORTED
        known = upstream.commits(commit) if upstream is not None else ()
        since = upstream.repository.commit(known[0]).date if upstream is not None and len(known) == 1 else 0
        return branch.presence(commit, subject, since)

    return message.Ground(exists, branch.subject, presence)


def _history(laid: Laid, branch: Branch | None, *, of_base: bool) -> Branch | None:
    """What the patch was made on top of; else also what the branch has become since."""
    if branch is None:
        return None
    made = laid.patch.commit if laid.patch.commit and branch.repository.exists(laid.patch.commit) else laid.base.commit
    if not made:
        return branch
    return replace(branch, tips=(made,) if of_base else tuple(dict.fromkeys((made, *branch.tips))))
