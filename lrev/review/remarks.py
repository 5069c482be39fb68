"""What code says of a patch besides its functions: of its message, its Kconfig symbols, and who looks after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from lrev.evidence import kconfig, maintained, message
from lrev.indexing.reader import Index
from lrev.review.verify import finding_of
from lrev.source.tree import Tree
from lrev.types import Certainty, Finding, Patch, Suspicion, SymbolKind, Verdict

# A tree without it is a part of a kernel, in which most symbols are missing.
_IN_ANY_KERNEL = "CONFIG_MODULES"


@dataclass(frozen=True, slots=True)
class Outside:
    """What takes part besides the index: `commit_subject` gives that of a commit of the tree's repository, "" for one
    it does not have; `programs` are the tree's own checkers, which only run when they are asked for.
    """

    commit_subject: Callable[[str], str] | None = None
    programs: tuple[Callable[[Patch], Iterator[Suspicion]], ...] = ()


def remarks(patch: Patch, tree: Tree, index: Index, outside: Outside = Outside()) -> Iterator[Verdict]:
    """`tree` is as it is after the patch."""
    is_whole = bool(index.definitions(_IN_ANY_KERNEL, (SymbolKind.CONFIG,)))

    def is_defined(name: str) -> bool:
        return not is_whole or bool(index.definitions(name, (SymbolKind.CONFIG,)))

    def exists(name: str) -> bool:
        return not is_whole or index.exists(name)

    said = message.check(patch, message.Ground(exists, outside.commit_subject))
    yield from (Verdict(_of_message(one, patch), True, "stands in the message") for one in said)
    diffs = {diff.path: diff for diff in patch.files}
    for one in chain(kconfig.check(patch, is_defined), maintained.check(patch, tree)):
        finding = finding_of(one, diffs[one.path])
        yield Verdict(finding, bool(finding.quote.strip()), "a line of the patch shows it")
    for program in outside.programs:
        for one in program(patch):
            finding = replace(finding_of(one, diffs[one.path]), certainty=Certainty.SUSPECTED, origin=one.check)
            shown = bool(finding.quote.strip())
            yield Verdict(finding, shown, f"{one.check} says so" if shown else "no line of the patch shows it")


def _of_message(one: Suspicion, patch: Patch) -> Finding:
    return Finding(
        path="",
        function="",
        line=one.line,
        quote=patch.description.split("\n")[one.line - 1],
        mechanism=one.mechanism,
        comment=one.message,
        certainty=Certainty.PROVEN,
        origin=f"check:{one.check}",
    )
