"""The ways through a function, without those that contradict themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

from tree_sitter import Node

from lrev.source.c_nodes import text
from lrev.source.flow_graph import Edge, Vertex, VertexKind, graph
from lrev.source.flow_steps import Path, Step, StepKind
from lrev.source.flow_values import (
    ANY,
    Claim,
    Effect,
    Signs,
    claim,
    effects,
    is_first_round,
    iterated,
    lasting,
    mentions,
    signs_of,
)
from lrev.source.flow_words import WordsAhead

__all__ = ["Interest", "Path", "Step", "StepKind", "TooManyPaths", "paths"]

# Eleven independent conditions in a row. Beyond that a function is left to the reader.
MAX_PATHS = 2000
# Keeps the order of equally long paths: a switch of more cases than this changes only that.
_MOST_EDGES = 1000
# Paths that are pruned cost time too: about a second.
MAX_STEPS = 40_000


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
    marks: tuple[tuple[int, str], ...] = ()
    watched: bool = False


class TooManyPaths(Exception):
    """More than the limit."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What paths are wanted for: paths that differ in nothing `relevant`, and in nothing that a later condition or
    return depends on, are one, and the shortest stands for all. Whether a path meets a `watched` line is a difference.
    """

    relevant: Callable[[Node], bool]
    watched: frozenset[int] = frozenset()


def paths(function: Node, data: bytes, interest: Interest | None = None, limit: int = MAX_PATHS) -> tuple[Path, ...]:
    """Every way from the start to a return, loops taken at most once; () when there are more than `limit`.

    A path that ends in a call that does not return, or in an error of the parser, is not among them.
    """
    try:
        return tuple(_Walk(data, limit, graph(function, data), interest).all())
    except TooManyPaths:
        return ()


class _Walk:
    def __init__(self, data: bytes, limit: int, start: Vertex, interest: Interest | None) -> None:
        self._data = data
        self._limit = limit
        self._start = start
        self._interest = interest
        self._ahead = WordsAhead(start, data) if interest is not None else None
        self._meanings: dict[int, _Meaning] = {}
        self._mentioned: dict[tuple[str, str], bool] = {}
        self._relevant: dict[int, bool] = {}

    def all(self) -> Iterator[Path]:
        """The shortest first."""
        pending = [(0, 0, _State(self._start))]
        seen: set[Hashable] = set()
        found = visited = 0
        while pending:
            *_, state = heappop(pending)
            if self._ahead is not None:
                signature = self._signature(state, self._ahead)
                if signature in seen:
                    continue
                seen.add(signature)
            visited += 1
            if state.vertex.kind is VertexKind.RETURN:
                found += 1
                yield (*state.steps, self._returned(state))
            else:
                for number, following in enumerate(self._next(state), visited * _MOST_EDGES):
                    heappush(pending, (len(following.steps), number, self._marked(following, state)))
            if found > self._limit or visited > MAX_STEPS:
                raise TooManyPaths

    def _signature(self, state: _State, ahead: WordsAhead) -> Hashable:
        """Equal for states from which the same can be said of all that follows."""
        vertex = state.vertex
        known = frozenset((name, signs) for name, signs in state.known.items() if ahead.matters(vertex, name))
        outcomes = frozenset(one for one in state.outcomes.items() if ahead.matters(vertex, one[0]))
        return id(vertex), state.marks, state.watched, state.loops, state.jumps, known, outcomes

    def _marked(self, state: _State, before: _State) -> _State:
        """Takes down the last step where it is of interest."""
        if self._interest is None or len(state.steps) == len(before.steps):
            return state
        step = state.steps[-1]
        relevant = self._relevant.get(step.node.id)
        if relevant is None:
            relevant = self._relevant[step.node.id] = self._interest.relevant(step.node)
        if relevant:
            outcome = f"{step.truth} {step.condition}" if step.kind is StepKind.CONDITION else ""
            state.marks = (*state.marks, (step.node.id, outcome))
        lines = range(step.line, step.node.end_point.row + 2)
        state.watched = state.watched or not self._interest.watched.isdisjoint(lines)
        return state

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
                condition = state.vertex.node.child_by_field_name("condition")
                again = text(condition, self._data) if condition is not None else ""
                known, outcomes = self._undecided(state), lasting(state.outcomes, again)
                yield replace(state, vertex=edge.target, jumps=jumps, outcomes=outcomes, known=known)

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
        if edge.outcome == "false" and is_first_round(vertex.node, self._data, known):
            return None
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
