"""The ways through a function, without those that contradict themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from tree_sitter import Node

from lrev.source.c_nodes import text
from lrev.source.flow_graph import Edge, Vertex, VertexKind, graph
from lrev.source.flow_values import (
    ANY,
    Claim,
    Effect,
    Signs,
    claim,
    effects,
    iterated,
    mentions,
    signs_of,
)

# Eleven independent conditions in a row. Beyond that a function is left to the reader.
MAX_PATHS = 2000
# Paths that are pruned cost time too: about a second.
MAX_STEPS = 40_000


class StepKind(Enum):
    STATEMENT = "statement"
    CONDITION = "condition"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done. A condition has its text, its outcome and what that says of a variable, if anything.

    `signs` of a condition are of `variable` afterwards, of a return of the returned value (ANY for none).
    """

    line: int
    node: Node
    kind: StepKind
    condition: str = ""
    truth: bool = False
    variable: str = ""
    signs: Signs = ANY


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a vertex does, read once for all the paths through it."""

    text: str
    effects: tuple[Effect, ...]
    claim: Claim | None


@dataclass(slots=True)
class _State:
    """A path so far, and what it knows."""

    vertex: Vertex
    steps: tuple[Step, ...] = ()
    known: dict[str, Signs] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    loops: frozenset[int] = frozenset()
    jumps: frozenset[int] = frozenset()


class TooManyPaths(Exception):
    """More than the limit."""


def paths(function: Node, data: bytes, limit: int = MAX_PATHS) -> tuple[Path, ...]:
    """Every way from the start to a return, loops taken at most once; () when there are more than `limit`.

    A path that ends in a call that does not return, or in an error of the parser, is not among them.
    """
    try:
        return tuple(_Walk(data, limit).all(graph(function, data)))
    except TooManyPaths:
        return ()


class _Walk:
    def __init__(self, data: bytes, limit: int) -> None:
        self._data = data
        self._limit = limit
        self._meanings: dict[int, _Meaning] = {}
        self._mentioned: dict[tuple[str, str], bool] = {}

    def all(self, start: Vertex) -> Iterator[Path]:
        pending = [_State(start)]
        found = visited = 0
        while pending:
            state = pending.pop()
            visited += 1
            if state.vertex.kind is VertexKind.RETURN:
                found += 1
                yield (*state.steps, self._returned(state))
            else:
                pending.extend(reversed(list(self._next(state))))
            if found > self._limit or visited > MAX_STEPS:
                raise TooManyPaths

    def _next(self, state: _State) -> Iterator[_State]:
        vertex = state.vertex
        match vertex.kind:
            case VertexKind.DEAD:
                return
            case VertexKind.JUMP | VertexKind.BODY:
                yield from self._jumped(state)
            case VertexKind.STATEMENT:
                step = Step(vertex.line, vertex.node, StepKind.STATEMENT)
                yield replace(self._changed(state), vertex=vertex.edges[0].target, steps=(*state.steps, step))
            case _:
                changed = self._changed(state)
                for edge in vertex.edges:
                    chosen = self._chosen(changed, edge)
                    if chosen is not None:
                        yield chosen

    def _jumped(self, state: _State) -> Iterator[_State]:
        """Into a loop once; to a label or the head of a loop twice, so that the loop can be left."""
        key = id(state.vertex)
        for edge in state.vertex.edges:
            if key not in state.loops:
                yield replace(state, vertex=edge.target, loops=state.loops | {key})
            elif state.vertex.kind is VertexKind.JUMP and key not in state.jumps:
                jumps = state.jumps | {key}
                yield replace(state, vertex=edge.target, jumps=jumps, outcomes={}, known=self._undecided(state))

    def _undecided(self, state: _State) -> dict[str, Signs]:
        """What is known without the condition of the loop, which is decided anew."""
        condition = state.vertex.node.child_by_field_name("condition")
        if condition is None:
            return state.known
        written = text(condition, self._data)
        return {name: signs for name, signs in state.known.items() if not mentions(written, name)}

    def _meaning(self, vertex: Vertex) -> _Meaning:
        meaning = self._meanings.get(id(vertex))
        if meaning is None:
            node = vertex.node
            written = text(node, self._data)
            changes = (iterated if vertex.kind is VertexKind.LOOP else effects)(node, self._data)
            says = claim(node, self._data) if vertex.kind is VertexKind.CONDITION else None
            meaning = self._meanings[id(vertex)] = _Meaning(written, changes, says)
        return meaning

    def _changed(self, state: _State) -> _State:
        changes = self._meaning(state.vertex).effects
        if not changes:
            return state
        known, outcomes = dict(state.known), dict(state.outcomes)
        for change in changes:
            value = signs_of(change.value, self._data, known) if change.value is not None else ANY
            known = {name: signs for name, signs in known.items() if not self._mentions(name, change.target)}
            outcomes = {
                condition: taken
                for condition, taken in outcomes.items()
                if not self._mentions(condition, change.target)
            }
            if value != ANY:
                known[change.target] = value
        return replace(state, known=known, outcomes=outcomes)

    def _mentions(self, written: str, target: str) -> bool:
        key = written, target
        if key not in self._mentioned:
            self._mentioned[key] = mentions(written, target)
        return self._mentioned[key]

    def _chosen(self, state: _State, edge: Edge) -> _State | None:
        """`state` after taking `edge`, None when it knows better."""
        vertex, meaning = state.vertex, self._meaning(state.vertex)
        step = Step(vertex.line, vertex.node, StepKind.CONDITION, meaning.text, edge.outcome != "false")
        if vertex.kind is VertexKind.LOOP:
            return replace(state, vertex=edge.target, steps=(*state.steps, step))
        if vertex.kind is VertexKind.CASE:
            step = replace(step, condition=f"{meaning.text} is {edge.outcome}")
        if state.outcomes.get(meaning.text, edge.outcome) != edge.outcome:
            return None
        known, says = state.known, meaning.claim
        if says is not None:
            signs = says.signs if edge.outcome == "true" else says.otherwise
            signs &= known.get(says.variable, ANY)
            if not signs:
                return None
            known = {**known, says.variable: signs}
            step = replace(step, variable=says.variable, signs=signs)
        outcomes = {**state.outcomes, meaning.text: edge.outcome}
        return replace(state, vertex=edge.target, steps=(*state.steps, step), known=known, outcomes=outcomes)

    def _returned(self, state: _State) -> Step:
        node = state.vertex.node
        value = node.named_children[0] if node.type == "return_statement" and node.named_children else None
        signs = signs_of(value, self._data, state.known) if value is not None else ANY
        return Step(state.vertex.line, node, StepKind.RETURN, signs=signs)
