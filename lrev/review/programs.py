"""What checkers that are not lrev's own say of a patch, as findings marked as theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lrev.review.verify import finding_of
from lrev.source.programs import Said
from lrev.source.tree import Tree
from lrev.types import Certainty, Coverage, Patch, Verdict

Program = Callable[[Patch, Tree], Said]


def ask_programs(
    patch: Patch, after: Tree, programs: tuple[Program, ...]
) -> tuple[tuple[Verdict, ...], tuple[Coverage, ...]]:
    """Each on the patch and the tree with it. Nothing they say is more than suspected."""
    said = [program(patch, after) for program in programs]
    verdicts = tuple(verdict for one in said for verdict in _verdicts(one, patch))
    return verdicts, tuple(line for one in said for line in one.coverage)


def _verdicts(said: Said, patch: Patch) -> Iterator[Verdict]:
    diffs = {diff.path: diff for diff in patch.files}
    for one in said.found:
        finding = replace(finding_of(one, diffs[one.path]), certainty=Certainty.SUSPECTED, origin=one.check)
        shown = bool(finding.quote.strip())
        yield Verdict(finding, shown, f"{one.check} says so" if shown else "no line of the patch shows it")
