"""The functions of all live source as one graph: every name and blob of every segment under one numbering.

A call goes to the definition in the caller's own file where there is one, else to every definition of that name that
other files can see. What only tools, scripts and samples define is another program, and left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from lrev.indexing.names import name_hash
from lrev.indexing.relations import Relation
from lrev.indexing.segment import Segment
from lrev.source.c_rows import SHAPE_GFP_SHIFT, ShapeFlag

_OTHER_PROGRAMS = re.compile(r"^(?:tools|scripts|samples|usr|Documentation)/")
# With PREEMPT_RT a spin lock sleeps; what is said here is of the kernel that is not built for it.
_REAL_TIME = re.compile(r"(?:spinlock|rwlock)_rt\.[ch]$|rtmutex_api\.c$")
_KEY_SHIFT = 32


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
class Numbering:
    """`hashes` are those of all names (names.name_hash), sorted: a name's number is its place. For each segment: the
    numbers of its own names, what is added to its blob numbers, and whether a blob belongs to the graph."""

    segments: tuple[Segment, ...]
    hashes: numpy.ndarray
    names: tuple[numpy.ndarray, ...]
    blob_offsets: tuple[int, ...]
    used: tuple[numpy.ndarray, ...]

    def rows(self, at: int, relation: Relation) -> numpy.ndarray:
        """Those of blobs that belong to the graph, as stored."""
        rows = self.segments[at].relation(relation)
        return rows[:, self.used[at][rows[2]]]

    def keys(self, at: int, blobs: numpy.ndarray, names: numpy.ndarray) -> numpy.ndarray:
        """int64, blob << 32 | name, of a segment's own numbers."""
        keys: numpy.ndarray = (blobs.astype(numpy.int64) + self.blob_offsets[at]) << _KEY_SHIFT
        keys |= self.names[at][names - 1]
        return keys

    def own(self, at: int, numbers: numpy.ndarray) -> numpy.ndarray:
        """The reverse for names: a segment's own numbers of names that it has."""
        order = numpy.argsort(self.names[at])
        found: numpy.ndarray = order[numpy.searchsorted(self.names[at], numbers, sorter=order)] + 1
        return found

    def of(self, name: str) -> int:
        """-1 for a name that no segment has."""
        hashed = name_hash(name)
        at = int(numpy.searchsorted(self.hashes, hashed))
        return at if at < len(self.hashes) and int(self.hashes[at]) == hashed else -1


@dataclass(frozen=True, slots=True)
class Graph:
    """`nodes` is shape (n,) of blob << 32 | name, sorted: the functions and macros; flags are ShapeFlags and gfp.

    `visible` are the nodes that other files can call, without stubs, sorted by name; `starts` and `groups` say where
    each name begins in it and which name that is.
    """

    numbering: Numbering
    nodes: numpy.ndarray
    flags: numpy.ndarray
    lines: numpy.ndarray
    visible: numpy.ndarray
    starts: numpy.ndarray
    groups: numpy.ndarray

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
        own = _places(self.nodes, (caller_key >> _KEY_SHIFT << _KEY_SHIFT) | callee)
        target = numpy.where(own >= 0, own, len(self.nodes) + callee)
        order = numpy.argsort(caller, kind="stable")
        order = order[numpy.searchsorted(caller[order], 0) :]
        return Edges(*(column[order].astype(numpy.int32) for column in (caller, target, callee, line, flags)))

    def at(self, keys: numpy.ndarray) -> numpy.ndarray:
        """The nodes with these keys, -1 for none."""
        return _places(self.nodes, keys)

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
    told = [_told(segment) for segment in segments]
    numbering = _numbered(segments, tuple(used for used, _ in told))
    keys, flags, lines, seen = [], [], [], []
    for at, (_, headers) in enumerate(told):
        rows = numbering.rows(at, Relation.SHAPES)
        keys.append(numbering.keys(at, rows[2], rows[0]))
        flags.append(rows[4])
        lines.append(rows[3])
        is_hidden = ((rows[4] & ShapeFlag.STATIC) != 0) & ~headers[rows[2]]
        seen.append(~is_hidden & ((rows[4] & ShapeFlag.STUB) == 0))
    order = numpy.argsort(numpy.concatenate(keys), kind="stable")
    return _graph(numbering, *(numpy.concatenate(column)[order] for column in (keys, flags, lines, seen)))


def _graph(
    numbering: Numbering, keys: numpy.ndarray, flags: numpy.ndarray, lines: numpy.ndarray, seen: numpy.ndarray
) -> Graph:
    """One function under two #ifdefs of a file is one node, with what either has; a stub is one only if both are."""
    nodes, first = numpy.unique(keys, return_index=True)
    if not len(nodes):
        return Graph(numbering, nodes, flags, lines, first, first, first)
    shape = (1 << SHAPE_GFP_SHIFT) - 1
    gfp = numpy.maximum.reduceat(flags >> SHAPE_GFP_SHIFT, first) << SHAPE_GFP_SHIFT
    together = numpy.bitwise_or.reduceat(flags & shape, first) | gfp
    visible = numpy.flatnonzero(numpy.logical_or.reduceat(seen, first))
    name = nodes[visible] & 0xFFFFFFFF
    order = numpy.argsort(name, kind="stable")
    visible, name = visible[order], name[order]
    # A macro of the same name as a function stands for it, or is for a program that has no such function.
    is_macro = (together[visible] & ShapeFlag.MACRO) != 0
    kept = ~is_macro | ~numpy.isin(name, name[~is_macro])
    groups, starts = numpy.unique(name[kept], return_index=True)
    return Graph(numbering, nodes, together, lines[first], visible[kept], starts, groups)


def _numbered(segments: Sequence[Segment], used: tuple[numpy.ndarray, ...]) -> Numbering:
    own = [segment.name_hashes() for segment in segments]
    hashes, places = numpy.unique(numpy.concatenate(own), return_inverse=True)
    names = tuple(numpy.split(places.astype(numpy.int64), numpy.cumsum([len(one) for one in own])[:-1]))
    offsets = numpy.cumsum([0, *(segment.blob_count for segment in segments)])[:-1]
    return Numbering(tuple(segments), hashes, names, tuple(offsets.tolist()), used)


def _told(segment: Segment) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Which blobs belong to the graph, and which are headers; a bool a blob number, from 0."""
    used, headers = segment.live_blobs().copy(), numpy.zeros(segment.blob_count, dtype=bool)
    for number, path in segment.blob_paths():
        used[number] &= not (_OTHER_PROGRAMS.match(path) or _REAL_TIME.search(path))
        headers[number] = path.endswith(".h")
    return used, headers


def _places(keys: numpy.ndarray, wanted: numpy.ndarray) -> numpy.ndarray:
    """Where each wanted key is, -1 for nowhere."""
    if not len(keys):
        return numpy.full(len(wanted), -1)
    places = numpy.minimum(numpy.searchsorted(keys, wanted), len(keys) - 1)
    return numpy.where(keys[places] == wanted, places, -1)
