"""The functions of all live source as one graph: every name and blob of every segment under one numbering.

A call goes to the definition in the caller's own file where there is one, else to every definition of that name that
other files can see. What only tools, scripts and samples define is another program, and left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from lrev.indexing.numbering import KEY_SHIFT, NAME_MASK, Numbering, numbered
from lrev.indexing.relations import Relation
from lrev.indexing.segment import Segment
from lrev.source.c_rows import SHAPE_GFP_SHIFT, ShapeFlag

# How far up a driver's own headers are looked for.
_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Edges:
    """Rows of one relation, sorted by `caller`, a node. `target` is a node, or nodes + name for all visible ones.

    int32 arrays of shape (n,), `flags` as in c_rows.
    """

    caller: numpy.ndarray
    target: numpy.ndarray
    callee: numpy.ndarray
    line: numpy.ndarray
    flags: numpy.ndarray


@dataclass(frozen=True, slots=True)
class Graph:
    """`nodes` is shape (n,) of blob << 32 | name, sorted: the functions and macros; flags are ShapeFlags and gfp.

    `visible` are the nodes that other files can call, without stubs, sorted by name; `starts` and `groups` say where
    each name begins in it and which name that is. `private` are directory << 32 | name, sorted, of what the headers of
    a directory define for it and those below.
    """

    numbering: Numbering
    nodes: numpy.ndarray
    flags: numpy.ndarray
    lines: numpy.ndarray
    visible: numpy.ndarray
    starts: numpy.ndarray
    groups: numpy.ndarray
    private: numpy.ndarray
    private_nodes: numpy.ndarray

    @property
    def visible_names(self) -> numpy.ndarray:
        names: numpy.ndarray = self.nodes[self.visible] & NAME_MASK
        return names

    @property
    def gfp(self) -> numpy.ndarray:
        """Position of each node's gfp parameter, -1 for none."""
        return (self.flags >> SHAPE_GFP_SHIFT) - 1

    def edges(self, relation: Relation) -> Edges:
        """Of live source, those whose caller is a node."""
        numbering = self.numbering
        columns = []
        for at in range(len(numbering.segments)):
            rows = numbering.rows(at, relation)
            callee = numbering.names[at][rows[0] - 1]
            columns.append((numbering.keys(at, rows[2], rows[1]), callee, rows[3], rows[4]))
        caller_key, callee, line, flags = (numpy.concatenate(column) for column in zip(*columns, strict=True))
        caller = _places(self.nodes, caller_key)
        own = _places(self.nodes, (caller_key >> KEY_SHIFT << KEY_SHIFT) | callee)
        target = numpy.where(own >= 0, own, self._nearby(caller_key, callee))
        order = numpy.argsort(caller, kind="stable")
        order = order[numpy.searchsorted(caller[order], 0) :]
        return Edges(*(column[order].astype(numpy.int32) for column in (caller, target, callee, line, flags)))

    def _nearby(self, caller_key: numpy.ndarray, callee: numpy.ndarray) -> numpy.ndarray:
        """From the caller's directory upwards the first with a header that has the name, else what everybody sees."""
        target = len(self.nodes) + callee
        has_private = numpy.zeros(len(self.numbering.hashes), dtype=bool)
        has_private[self.private & NAME_MASK] = True
        open_ones = numpy.flatnonzero(has_private[callee])
        places = self.numbering.places
        directory = places.directories[caller_key[open_ones] >> KEY_SHIFT]
        for _ in range(_LEVELS):
            at = _places(self.private, directory.astype(numpy.int64) << KEY_SHIFT | callee[open_ones])
            target[open_ones[at >= 0]] = self.private_nodes[at[at >= 0]]
            directory = places.above[directory]
            left = (at < 0) & (directory >= 0)
            open_ones, directory = open_ones[left], directory[left]
        return target

    def at(self, keys: numpy.ndarray) -> numpy.ndarray:
        """The nodes with these keys, -1 for none."""
        return _places(self.nodes, keys)

    def targets_of(self, name: str) -> numpy.ndarray:
        """What a call of this name may have as target, but for static functions: the visible nodes, and the name."""
        number = self.numbering.of(name)
        if number < 0:
            return numpy.zeros(0, dtype=numpy.int64)
        first, last = numpy.searchsorted(self.visible_names, [number, number + 1])
        return numpy.append(self.visible[first:last], len(self.nodes) + number)

    def of_most(self, of_nodes: numpy.ndarray) -> numpy.ndarray:
        """For each name the greatest value that at least half of its visible definitions reach, 0 if it has none.

        Half, because one of two definitions is often that of a small machine, which can do without what the other does.
        """
        of_names = numpy.zeros(len(self.numbering.hashes), dtype=of_nodes.dtype)
        if not len(self.starts):
            return of_names
        values = of_nodes[self.visible]
        counts = numpy.diff(numpy.append(self.starts, len(self.visible)))
        for value in range(1, int(of_nodes.max(initial=0)) + 1):
            reach = numpy.add.reduceat((values >= value).astype(numpy.int32), self.starts)
            of_names[self.groups[2 * reach >= counts]] = value
        return of_names


def graph_of(segments: Sequence[Segment]) -> Graph:
    """Of open, masked segments; at least one."""
    numbering = numbered(segments)
    keys, flags, lines = [], [], []
    for at in range(len(segments)):
        rows = numbering.rows(at, Relation.SHAPES)
        keys.append(numbering.keys(at, rows[2], rows[0]))
        flags.append(rows[4])
        lines.append(rows[3])
    order = numpy.argsort(numpy.concatenate(keys), kind="stable")
    return _graph(numbering, *(numpy.concatenate(column)[order] for column in (keys, flags, lines)))


def _graph(numbering: Numbering, keys: numpy.ndarray, flags: numpy.ndarray, lines: numpy.ndarray) -> Graph:
    """One function under two #ifdefs of a file is one node, with what either has; a stub is one only if both are."""
    nodes, first = numpy.unique(keys, return_index=True)
    if not len(nodes):
        return Graph(numbering, nodes, flags, lines, first, first, first, nodes, first)
    shape = (1 << SHAPE_GFP_SHIFT) - 1
    gfp = numpy.maximum.reduceat(flags >> SHAPE_GFP_SHIFT, first) << SHAPE_GFP_SHIFT
    together = numpy.bitwise_or.reduceat(flags & shape, first) | gfp
    is_stub = numpy.logical_and.reduceat((flags & ShapeFlag.STUB) != 0, first)
    places, blobs = numbering.places, nodes >> KEY_SHIFT
    of_file = (together & (ShapeFlag.STATIC | ShapeFlag.MACRO)) != 0
    visible = numpy.flatnonzero(~is_stub & (~of_file | places.public[blobs]))
    name = nodes[visible] & NAME_MASK
    order = numpy.argsort(name, kind="stable")
    visible, name = visible[order], name[order]
    # A macro of the same name as a function stands for it, or is for a program that has no such function.
    is_macro = (together[visible] & ShapeFlag.MACRO) != 0
    kept = ~is_macro | ~numpy.isin(name, name[~is_macro])
    groups, starts = numpy.unique(name[kept], return_index=True)
    own = numpy.flatnonzero(~is_stub & of_file & places.of_directory[blobs])
    private = places.directories[blobs[own]].astype(numpy.int64) << KEY_SHIFT | (nodes[own] & NAME_MASK)
    private, one = numpy.unique(private, return_index=True)
    return Graph(numbering, nodes, together, lines[first], visible[kept], starts, groups, private, own[one])


def _places(keys: numpy.ndarray, wanted: numpy.ndarray) -> numpy.ndarray:
    """Where each wanted key is, -1 for nowhere."""
    if not len(keys):
        return numpy.full(len(wanted), -1)
    places = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
    return numpy.where(keys[places] == wanted, places, -1)
