"""Changes that a backport makes in another function than upstream: a hunk may fit in more than one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from lrev.evidence.backport import NAME
from lrev.evidence.changed_runs import Run, key_of, paired, runs
from lrev.source.c_code import functions, parse
from lrev.types import FileDiff, FunctionSource, Patch, Suspicion

MISPLACED = "made in another function than upstream"

_SUFFIXES = (".c", ".h")
Image = Callable[[str], bytes | None]
# Key of a run -> (function, line) of each place that has it.
_Places = dict[tuple[str, ...], list[tuple[str, int]]]


def misplaced(patch: Patch, upstream: Sequence[FileDiff], own: Image, theirs: Image) -> Iterator[Suspicion]:
    """Only where the branch's file has the function that upstream changes. `own` and `theirs` give post-images."""
    pairs = dict(paired(patch.files, upstream))
    for diff in patch.files:
        there = pairs.get(diff.path, ())
        mine, other = own(diff.path), theirs(there[0].path) if there else None
        if mine is not None and other is not None and diff.path.endswith(_SUFFIXES):
            defined = functions(parse(mine))
            yield from _moved(
                diff.path,
                _places(runs((diff,)), defined),
                _places(runs(there), functions(parse(other))),
                frozenset(one.name for one in defined),
            )


def _moved(path: str, mine: _Places, other: _Places, defined: frozenset[str]) -> Iterator[Suspicion]:
    for key, places in mine.items():
        here, there = (Counter(name for name, _ in side) for side in (places, other.get(key, [])))
        wanted = sorted((there - here).keys() & defined)
        moved = [(name, line) for name, line in places if name in here - there and line]
        if wanted and moved:
            name, line = moved[0]
            place = f"{name}()" if name else "no function"
            text = f"upstream makes this change in {wanted[0]}(), which is in this file too; here it is in {place}."
            yield Suspicion(NAME, MISPLACED, path, name, line, text, (), subject=wanted[0])


def _places(these: Sequence[Run], defined: Sequence[FunctionSource]) -> _Places:
    found: _Places = {}
    for run in these:
        line = run[0].shown
        name = next((one.name for one in defined if line in one.span), "")
        found.setdefault(key_of(run), []).append((name, line))
    return found
