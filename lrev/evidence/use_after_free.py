"""Memory that is looked into, or freed again, on the path on which it has been freed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.places import PLACE, may_set, sets, walked
from lrev.evidence.pointers import follows
from lrev.evidence.resources import freed_argument
from lrev.source.c_nodes import arguments, bare, callee, target, walk
from lrev.source.control_flow import Path, Step

NAME = "use-after-free"
USED = "used after it was freed"
TWICE = "freed twice"
WALKED = "list walked from a freed entry"

_WALKS = re.compile(r"(?:list|hlist|llist)_for_each_entry(?!\w*_safe)\w*|list_for_each(?!\w*_safe)\w*")


@dataclass(frozen=True, slots=True)
class _Freed:
    variable: str
    by: str
    position: int


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and variable; what is set again, or may be by a callee, is another thing from there on."""
    freeing = _Freeing(image)
    if not freeing.has_any():
        return
    for path in image.paths:
        yield from _follow(image, freeing, path)


class _Freeing:
    """What each step frees, read once for all paths through it."""

    def __init__(self, image: FunctionImage) -> None:
        self._image = image
        self._known: dict[int, tuple[tuple[str, str], ...]] = {}
        self._begun: dict[int, dict[str, str]] = {}

    def has_any(self) -> bool:
        return any(True for _ in self._read(self._image.node)) or bool(self._begins(self._image.node))

    def begun(self, node: Node) -> dict[str, str]:
        """The variables that take something which a call of the other ends."""
        if node.id not in self._begun:
            self._begun[node.id] = self._begins(node)
        return self._begun[node.id]

    def _begins(self, node: Node) -> dict[str, str]:
        found: dict[str, str] = {}
        for call in walk(node):
            name = callee(call, self._image.data) if call.type == "call_expression" else ""
            taker = target(call) if name else None
            allocator = self._image.allocator(name) if taker is not None and taker.type == "identifier" else None
            variable = self._image.written(taker) if taker is not None else ""
            again = variable in {self._image.written(bare(one)) for one in arguments(call)}  # `p = get(p)`: also held
            if variable and not again and allocator is not None and allocator.argument < 0:
                found[variable] = allocator.free
        return found

    def of(self, node: Node) -> tuple[tuple[str, str], ...]:
        """(variable, function) for each."""
        if node.id not in self._known:
            self._known[node.id] = tuple(self._read(node)) if node.type != "compound_statement" else ()
        return self._known[node.id]

    def _read(self, node: Node) -> Iterator[tuple[str, str]]:
        for call in walk(node):
            name = callee(call, self._image.data) if call.type == "call_expression" else ""
            at = freed_argument(name, self._image.facts) if name else -1
            passed = arguments(call)
            if 0 <= at < len(passed):
                variable = self._image.written(bare(passed[at]))
                if PLACE.fullmatch(variable):
                    yield variable, name


def _follow(image: FunctionImage, freeing: _Freeing, path: Path) -> Iterator[Defect]:
    freed: dict[str, _Freed] = {}
    owned: dict[str, str] = {}
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        owned |= freeing.begun(step.node)
        frees = (*freeing.of(step.node), *_dropped(image, step, owned))
        for one in list(freed.values()):
            mechanism, message = _misuse(image, step, one, frees)
            if mechanism == WALKED and not _goes_on(path[one.position : position], step):
                mechanism = ""
            if mechanism:
                yield _defect(image, path[: position + 1], one, mechanism, message)
                del freed[one.variable]
            elif may_set(image, step, one.variable):
                del freed[one.variable]
        for variable, by in frees:
            if not may_set(image, step, variable, but=by):
                freed.setdefault(variable, _Freed(variable, by, position))


def _dropped(image: FunctionImage, step: Step, owned: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What was begun on this path and is given back here: the only reference that the function has is gone."""
    for call in walk(step.node) if owned else ():
        name = callee(call, image.data) if call.type == "call_expression" else ""
        for variable in [one for one, release in owned.items() if release == name and name]:
            if variable in {image.written(bare(one)) for one in arguments(call)}:
                del owned[variable]
                yield variable, name


def _goes_on(between: Path, head: Step) -> bool:
    """Whether the loop whose head this is was not left since: every step lies in it."""
    loop = head.node.parent
    return loop is not None and all(
        loop.start_byte <= step.node.start_byte and step.node.end_byte <= loop.end_byte for step in between
    )


def _misuse(image: FunctionImage, step: Step, one: _Freed, frees: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The mechanism and what to say; "" where the step does nothing to what was freed."""
    macro, walks_with = walked(image, step)
    if macro:
        read = WALKED, f"{macro}() reads the next entry from `{one.variable}`, which"
        return read if walks_with == one.variable and _WALKS.fullmatch(macro) else ("", "")
    if any(variable == one.variable for variable, _ in frees):
        return TWICE, f"this frees `{one.variable}` again, which"
    if follows(step.node, one.variable, image.data) and not sets(image, step, one.variable):
        return USED, f"this looks into `{one.variable}`, which"
    return "", ""


def _defect(image: FunctionImage, path: Path, one: _Freed, mechanism: str, what: str) -> Defect:
    line = image.line(path[one.position])
    message = f"{what} {one.by}() has freed at line {line}."
    origin = f"{one.by}() frees `{one.variable}`"
    ending = {USED: "used here", TWICE: "freed here again", WALKED: "goes on from it"}[mechanism]
    return Defect(NAME, mechanism, one.variable, path, one.position, origin, message, ending=ending)
