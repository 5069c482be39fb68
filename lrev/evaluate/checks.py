"""What the checks say of each case, without a model: bugs found, and what they say that the fix does not take back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lrev.evaluate.cases import Case, CaseKind, Change, history
from lrev.evidence.checks import Checked, inspect
from lrev.evidence.knowledge import Knowledge
from lrev.evidence.overlaid import OverlaidKnowledge
from lrev.source.tree import Tree
from lrev.types import ChangedFunction, Suspicion

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Judged:
    """`hit`: it stands in a function that the fix touches, and is gone when the fix is applied."""

    suspicion: Suspicion
    hit: bool


@dataclass(frozen=True, slots=True)
class Score:
    """`found` in the patch as it is; `found_as_new` in a reversed case as if its whole functions were new, because a
    check that goes by what a patch removed would find that it was reversed, and not the bug. `forward` are suspicions
    in the fix as a patch of its own, and `read` whether all of its functions could be followed.
    """

    case: Case
    found: tuple[Judged, ...]
    found_as_new: tuple[Judged, ...]
    forward: tuple[Suspicion, ...]
    read: bool

    @property
    def hits(self) -> bool:
        return any(one.hit for one in self.found)

    @property
    def hits_as_new(self) -> bool:
        return any(one.hit for one in self.found_as_new)

    @property
    def stays(self) -> bool:
        """Whether something was said that the fix leaves as it is."""
        return any(not one.hit for one in self.found)


def score(case: Case, tree: Tree, knowledge: Knowledge) -> Score:
    """Raises InputError where the case does not fit the tree."""
    bringing, mending = history(case, tree)
    buggy = OverlaidKnowledge(knowledge, bringing.after, mending.after)
    fixed = _Fixed(mending, knowledge)
    found = tuple(fixed.judged(one) for one in _new(bringing, buggy))
    as_new: tuple[Judged, ...] = ()
    if case.kind is CaseKind.REVERSED:
        as_new = tuple(fixed.judged(one) for one in _as_new(bringing, buggy))
    forward = list(_inspected(mending, fixed.knowledge))
    return Score(
        case,
        found,
        as_new,
        tuple(one for checked in forward for one in checked.suspicions if not one.pre_existing),
        all(checked.followed for checked in forward) and all(one.after is None or one.after.whole for one in fixed.all),
    )


class _Fixed:
    """The state after the fix, which tells a bug that was found from something that is there still."""

    def __init__(self, mending: Change, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.all = tuple(mending.functions())
        self._after = mending.after
        self._touched = {(one.path, one.name): one for one in self.all}
        self._left: dict[Place, frozenset[tuple[str, str, str]]] = {}

    def judged(self, suspicion: Suspicion) -> Judged:
        place = suspicion.path, suspicion.function
        if place not in self._touched:
            return Judged(suspicion, hit=False)
        if place not in self._left:
            self._left[place] = frozenset(map(_identity, self._said(self._touched[place])))
        return Judged(suspicion, hit=_identity(suspicion) not in self._left[place])

    def _said(self, function: ChangedFunction) -> tuple[Suspicion, ...]:
        data = self._after.get(function.path)
        return inspect(_whole(function), None, data, self.knowledge).suspicions if data is not None else ()


def _new(change: Change, knowledge: Knowledge) -> Iterator[Suspicion]:
    for checked in _inspected(change, knowledge):
        yield from (one for one in checked.suspicions if not one.pre_existing)


def _as_new(change: Change, knowledge: Knowledge) -> Iterator[Suspicion]:
    for function in change.functions():
        data = change.after.get(function.path)
        if data is not None:
            yield from inspect(_whole(function), None, data, knowledge).suspicions


def _inspected(change: Change, knowledge: Knowledge) -> Iterator[Checked]:
    for function in change.functions():
        after = change.after.get(function.path)
        if after is not None:
            yield inspect(function, change.before.get(function.path), after, knowledge)


def _whole(function: ChangedFunction) -> ChangedFunction:
    """The same function as if all of it had been added."""
    span = function.after.span if function.after is not None else None
    lines = frozenset(range(span.start, span.end + 1)) if span is not None else frozenset()
    return replace(function, before=None, changed=lines, removed=frozenset())


def _identity(suspicion: Suspicion) -> tuple[str, str, str]:
    return suspicion.check, suspicion.mechanism, suspicion.subject
