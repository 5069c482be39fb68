"""Facts that no single file tells: made of all live segments for one generation, and looked up in it.

An int32 array of shape (8, n), sorted by segment and name: segment, name, blob, kind, argument (-1 for none),
condition, and the call by which it is known: the callee's name and the line. Names and blobs are the segment's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path

import numpy

from lrev.indexing.graph import Edges, Graph, graph_of
from lrev.indexing.layout import Generation, segment_path
from lrev.indexing.lifetimes import Chance, Fate, Given, fates_of, references, returned
from lrev.indexing.numbering import NO_NAME
from lrev.indexing.relations import Relation
from lrev.indexing.segment import Segment, open_live
from lrev.indexing.sleeping import Sleep, sleeping
from lrev.source.c_gfp import MAX_PARAMETERS
from lrev.source.c_rows import ResultFlag
from lrev.types import SOME_PATHS, Fact, FactKind, FactOrigin

# How kinds are stored; appended to, never reordered.
_KINDS = (
    FactKind.MAY_SLEEP,
    FactKind.FREES_ARGUMENT,
    FactKind.PUTS_ARGUMENT,
    FactKind.GETS_ARGUMENT,
    FactKind.RETURNS_REFERENCE,
    FactKind.RETURNS_ALLOCATION,
    FactKind.RETURNS_ERR_PTR,
    FactKind.RETURNS_NULL,
)
_COLUMNS = 8


class _Condition(IntEnum):
    ALWAYS = 0
    SOME_PATHS = 1
    PAGE_FAULTS = 2
    GFP = 3  # of argument 0; that of argument n is GFP + n
    SUCCESS = GFP + MAX_PARAMETERS


_OF_SLEEP = {
    Sleep.NO: _Condition.ALWAYS,
    Sleep.SOMETIMES: _Condition.SOME_PATHS,
    Sleep.BY_GFP: _Condition.GFP,
    Sleep.BY_FAULT: _Condition.PAGE_FAULTS,
    Sleep.YES: _Condition.ALWAYS,
}
_OF_FATE = {
    Fate.FREED: FactKind.FREES_ARGUMENT,
    Fate.PUT: FactKind.PUTS_ARGUMENT,
    Fate.GOT: FactKind.GETS_ARGUMENT,
}
_OF_CHANCE = {
    Chance.ALWAYS: _Condition.ALWAYS,
    Chance.ON_SUCCESS: _Condition.SUCCESS,
    Chance.SOMETIMES: _Condition.SOME_PATHS,
}
# Which flags of a result keep a fact from its caller, and which leave it only sometimes so. That NULL may come is said
# as soon as it comes on one path; who owns what is returned must know it of all.
_RETURNS = (
    (FactKind.RETURNS_ALLOCATION, 0, ResultFlag.PARTLY),
    (FactKind.RETURNS_ERR_PTR, ResultFlag.ERROR_TESTED, 0),
    (FactKind.RETURNS_NULL, ResultFlag.NULL_TESTED, 0),
)
# The kernel's own word for it is __malloc, which not every allocator bears.
_ALLOCATORS = (
    *("kmalloc", "kzalloc", "kcalloc", "kmalloc_array", "kmem_cache_alloc", "kmem_cache_zalloc", "vmalloc", "vzalloc"),
    *("kvmalloc", "kvzalloc", "kmemdup", "kstrdup", "kasprintf", "alloc_pages", "alloc_skb"),
)


def infer(segments: Sequence[Segment]) -> numpy.ndarray:
    """The rows of a generation, from its open segments with their masks set."""
    if not segments:
        return numpy.zeros((_COLUMNS, 0), dtype=numpy.int32)
    graph = graph_of(segments)
    rows = _Rows(graph)
    _sleeping(graph, rows)
    fates = fates_of(graph, passes := graph.edges(Relation.PASSES))
    for fate, kind in _OF_FATE.items():
        said = numpy.zeros((len(graph.nodes), MAX_PARAMETERS + 1), dtype=bool)
        for chance, condition in _OF_CHANCE.items():
            nodes, arguments, edges = fates.found[fate << chance]
            # What holds always is not said again of some paths.
            new = ~said[nodes, arguments]
            said[nodes, arguments] = True
            nodes, arguments, edges = nodes[new], arguments[new], edges[new]
            rows.add(kind, nodes, passes, edges, numpy.full(len(nodes), condition), arguments)
    del passes
    results = graph.edges(Relation.RESULTS)
    rows.add_given(FactKind.RETURNS_REFERENCE, results, references(graph, results, fates))
    for kind, stops, weakens in _RETURNS:
        given = returned(graph, results, *_known(graph, kind), stops, weakens)
        rows.add_given(kind, results, given)
    return rows.sorted()


def infer_into(path: Path, directory: Path, generation: Generation, live: frozenset[str]) -> None:
    """Write what `infer` finds in the segments of a generation that is not published yet, flushed to the disk."""
    removed = frozenset(generation.removed)
    segments = [open_live(segment_path(directory, record.id), live, removed) for record in generation.segments]
    with path.open("wb") as stream:
        numpy.save(stream, infer(segments))
        stream.flush()
        os.fsync(stream.fileno())
    for segment in segments:
        segment.close()


def _sleeping(graph: Graph, rows: _Rows) -> None:
    calls = graph.edges(Relation.CALLS)
    asleep = sleeping(graph, calls)
    nodes = numpy.flatnonzero(asleep.states)
    states = asleep.states[nodes]
    conditions = numpy.array([_OF_SLEEP[state] for state in Sleep])[states]
    conditions += numpy.where(states == Sleep.BY_GFP, numpy.maximum(graph.gfp[nodes], 0), 0)
    rows.add(FactKind.MAY_SLEEP, nodes, calls, asleep.via[nodes], conditions)


def _known(graph: Graph, kind: FactKind) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The nodes and the names of which a fact was read, or declared, as bools."""
    numbering = graph.numbering
    nodes, names = numpy.zeros(len(graph.nodes), dtype=bool), numpy.zeros(len(numbering.hashes), dtype=bool)
    for at, segment in enumerate(numbering.segments):
        functions, blobs = segment.functions_with(kind)
        used = numbering.used[at][blobs]
        functions, blobs = functions[used], blobs[used]
        known = numbering.names[at][functions - 1] != NO_NAME
        functions, blobs = functions[known], blobs[known]
        places = graph.at(numbering.keys(at, blobs, functions))
        nodes[places[places >= 0]] = True
        names[numbering.names[at][functions[places < 0] - 1]] = True
    if kind is FactKind.RETURNS_ALLOCATION:
        known = [number for name in _ALLOCATORS if (number := numbering.of(name)) >= 0]
        names[known] = True
    return nodes, names


class _Rows:
    """Collects facts in the graph's numbers, and gives them in the segments'."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._parts: list[numpy.ndarray] = []

    def add(
        self,
        kind: FactKind,
        nodes: numpy.ndarray,
        edges: Edges,
        via: numpy.ndarray,
        conditions: numpy.ndarray,
        arguments: numpy.ndarray | None = None,
    ) -> None:
        """All of shape (n,): nodes, for each the edge it is known by, and its condition and argument."""
        of_kind = numpy.full(len(nodes), _KINDS.index(kind))
        which = numpy.full(len(nodes), -1) if arguments is None else arguments
        self._parts.append(numpy.stack((nodes, of_kind, which, conditions, edges.callee[via], edges.line[via])))

    def add_given(self, kind: FactKind, edges: Edges, given: Given) -> None:
        conditions = numpy.where(given.is_sure[given.nodes], _Condition.ALWAYS, _Condition.SOME_PATHS)
        self.add(kind, given.nodes, edges, given.via[given.nodes], conditions)

    def sorted(self) -> numpy.ndarray:
        graph = self._graph
        nodes, kinds, arguments, conditions, callees, lines = numpy.concatenate(self._parts, axis=1)
        blobs, names = graph.nodes[nodes] >> 32, graph.nodes[nodes] & 0xFFFFFFFF
        offsets = numpy.array(graph.numbering.blob_offsets)
        segments = numpy.searchsorted(offsets, blobs, side="right") - 1
        own_names, own_callees = numpy.zeros_like(names), numpy.zeros_like(callees)
        for at in range(len(offsets)):
            of_segment = segments == at
            own_names[of_segment] = graph.numbering.own(at, names[of_segment])
            own_callees[of_segment] = graph.numbering.own(at, callees[of_segment])
        columns = (segments, own_names, blobs - offsets[segments], kinds, arguments, conditions, own_callees, lines)
        rows = numpy.stack(columns).astype(numpy.int32)
        return numpy.ascontiguousarray(rows[:, numpy.lexsort(rows[::-1])])


def facts_in(rows: numpy.ndarray, at: int, segment: Segment, name: str) -> Iterator[Fact]:
    """What was inferred of the functions of this name in the segment at position `at` of its generation."""
    number = segment.name_id(name)
    first, last = numpy.searchsorted(rows[0], [at, at + 1])
    start, end = first + numpy.searchsorted(rows[1, first:last], [number, number + 1])
    for _, _, blob, kind, argument, condition, callee, line in rows[:, start:end].T.tolist():
        told = f"{argument + 1}, handed to {segment.name(callee)}" if argument >= 0 else f"by {segment.name(callee)}"
        holds = _condition(condition)
        yield Fact(name, _KINDS[kind], told, FactOrigin.INFERRED, segment.blob(blob), line, holds)


def _condition(code: int) -> str:
    if code == _Condition.SUCCESS:
        return "it succeeds"
    if code >= _Condition.GFP:
        return f"argument {code - _Condition.GFP + 1} allows it (gfp)"
    return ("", SOME_PATHS, "page faults are enabled")[code]
