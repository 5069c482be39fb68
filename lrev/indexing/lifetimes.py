"""What functions do to the life of what they are given, and what they give back, carried along the calls.

A function that always hands its parameter to one that frees it frees it too. `&p->part` handed to what drops a
reference of the part drops one of `p`: the part is embedded (Documentation/core-api/kobject.rst).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy

from lrev.indexing.graph import Edges, Graph
from lrev.source.c_gfp import MAX_PARAMETERS
from lrev.source.c_rows import ARGUMENT_SHIFT, PARAMETER_SHIFT, POSITION_MASK, PassFlag, ResultFlag, ShapeFlag

_WIDTH = MAX_PARAMETERS + 1


class Fate(IntFlag):
    """Of an argument; the upper three say the same of some paths only."""

    FREED = 1
    PUT = 2
    GOT = 4
    MAY_BE_FREED = 8
    MAY_BE_PUT = 16
    MAY_BE_GOT = 32

    @property
    def on_some_paths(self) -> Fate:
        return Fate(self << _MAYBE_SHIFT)


_CERTAIN = 7
_MAYBE_SHIFT = 3
# Where memory and references end and begin: (function, argument). All else is read from the tree's own bodies.
_ROOTS = {
    Fate.FREED: (
        ("kfree", 0), ("kvfree", 0), ("vfree", 0), ("kfree_sensitive", 0), ("kvfree_sensitive", 0), ("kfree_const", 0),
        ("kmem_cache_free", 1), ("kfree_rcu", 0), ("kfree_rcu_mightsleep", 0), ("kvfree_rcu", 0), ("__free_pages", 0),
        ("free_percpu", 0), ("mempool_free", 0), ("kfree_skb", 0), ("consume_skb", 0), ("dev_kfree_skb_any", 0),
        ("devm_kfree", 1), ("free_netdev", 0), ("bio_put", 0),
    ),
    Fate.PUT: (
        ("kref_put", 0), ("kref_put_mutex", 0), ("kref_put_lock", 0), ("refcount_dec_and_test", 0), ("refcount_dec", 0),
        ("kobject_put", 0), ("put_device", 0), ("of_node_put", 0), ("fwnode_handle_put", 0), ("module_put", 0),
        ("refcount_dec_and_mutex_lock", 0), ("refcount_dec_and_lock", 0), ("put_page", 0), ("folio_put", 0),
        ("fput", 0), ("iput", 0), ("dput", 0), ("dev_put", 0), ("sock_put", 0), ("put_task_struct", 0),
    ),
    Fate.GOT: (
        ("kref_get", 0), ("kref_get_unless_zero", 0), ("refcount_inc", 0), ("refcount_inc_not_zero", 0),
        ("kobject_get", 0), ("get_device", 0), ("of_node_get", 0), ("fwnode_handle_get", 0), ("__module_get", 0),
        ("try_module_get", 0), ("get_page", 0), ("folio_get", 0), ("igrab", 0), ("ihold", 0), ("dget", 0),
        ("dev_hold", 0), ("sock_hold", 0), ("get_task_struct", 0), ("get_file", 0),
    ),
}  # fmt: skip
# The longest chain of wrappers seen on 6.1 is far shorter.
_MAX_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Fates:
    """`fates` is int8 of shape (nodes, parameters), `via` the edge by which it is known, -1 for none.

    `of_targets` is the same with a row a name behind the nodes' rows.
    """

    fates: numpy.ndarray
    via: numpy.ndarray
    of_targets: numpy.ndarray


def fates_of(graph: Graph, passes: Edges) -> Fates:
    fates = numpy.zeros((len(graph.nodes), _WIDTH), dtype=numpy.int8)
    via = numpy.full(fates.shape, -1, dtype=numpy.int64)
    argument = passes.flags >> ARGUMENT_SHIFT & POSITION_MASK
    slots = passes.caller.astype(numpy.int64) * _WIDTH + (passes.flags >> PARAMETER_SHIFT & POSITION_MASK)
    unsure = (graph.flags[passes.caller] & ShapeFlag.WHOLE) == 0
    guarded = ((passes.flags & PassFlag.GUARDED) != 0) | unsure
    embedded = (passes.flags & PassFlag.EMBEDDED) != 0
    targets = _of_targets(graph, fates)
    for _ in range(_MAX_ROUNDS):
        carried = targets[passes.target, argument] & _CERTAIN
        # What frees a part in place would free no more than the part.
        carried = numpy.where(embedded, carried & ~numpy.int8(Fate.FREED), carried)
        carried = numpy.where(guarded, carried << _MAYBE_SHIFT, carried)
        before = fates.reshape(-1)[slots]
        growing = numpy.flatnonzero(carried & ~before)
        if not len(growing):
            break
        numpy.bitwise_or.at(fates.reshape(-1), slots[growing], carried[growing])
        found, at = numpy.unique(slots[growing], return_index=True)
        unknown = via.reshape(-1)[found] < 0
        via.reshape(-1)[found[unknown]] = growing[at[unknown]]
        targets = _of_targets(graph, fates)
    return Fates(fates, via, targets)


def _of_targets(graph: Graph, fates: numpy.ndarray) -> numpy.ndarray:
    """Bit by bit what most definitions of a name do."""
    rows = numpy.zeros((len(graph.nodes) + len(graph.numbering.hashes), _WIDTH), dtype=numpy.int8)
    rows[: len(graph.nodes)] = fates
    for at in numpy.flatnonzero((fates & _CERTAIN).any(axis=0)).tolist():
        for bit in (Fate.FREED, Fate.PUT, Fate.GOT):
            has = ((fates[:, at] & bit) != 0).astype(numpy.int8)
            if has.any():
                rows[len(graph.nodes) :, at] |= graph.of_most(has) * numpy.int8(bit)
    for fate, roots in _ROOTS.items():
        for name, at in roots:
            number = graph.numbering.of(name)
            if number >= 0:
                rows[len(graph.nodes) + number, at] = fate
    return rows


@dataclass(frozen=True, slots=True)
class Given:
    """Which nodes return something, for each the edge of `results` by which it is known, and whether it is all that
    they return but NULL and errors."""

    nodes: numpy.ndarray
    via: numpy.ndarray
    always: numpy.ndarray


def returned(
    graph: Graph, results: Edges, nodes: numpy.ndarray, names: numpy.ndarray, *, tested: bool = False
) -> Given:
    """The nodes that return what one of these did: `nodes` and `names` are bools, of the graph's and of all names.

    `tested`: what a variable held first is left out, because it may have been asked for just this.
    """
    has = nodes.astype(numpy.int8)
    via = numpy.full(len(graph.nodes), -1, dtype=numpy.int64)
    only = (results.flags & ResultFlag.OTHERS) == 0
    usable = (results.flags & ResultFlag.ARGUMENT) == 0
    if tested:
        usable &= (results.flags & ResultFlag.VARIABLE) == 0
    for _ in range(_MAX_ROUNDS):
        targets = numpy.concatenate((has != 0, names | (graph.of_most(has) != 0)))
        growing = numpy.flatnonzero(usable & only & targets[results.target] & (has[results.caller] == 0))
        if not len(growing):
            break
        found, at = numpy.unique(results.caller[growing], return_index=True)
        has[found] = 1
        via[found] = growing[at]
    # One of several outcomes is told, and not carried further.
    some = numpy.flatnonzero(usable & ~only & targets[results.target] & (has[results.caller] == 0))
    found, at = numpy.unique(results.caller[some], return_index=True)
    via[found] = some[at]
    return _given(results, via)


def references(graph: Graph, results: Edges, fates: Fates) -> Given:
    """The nodes that return what they took a reference of, themselves or through what they call."""
    argument = (results.flags & ResultFlag.ARGUMENT) - 1
    fate = numpy.where(argument >= 0, fates.of_targets[results.target, numpy.maximum(argument, 0)], 0)
    taken = (fate & Fate.GOT) != 0
    dropped = (fate & (Fate.PUT | Fate.FREED)) != 0
    own = numpy.zeros(len(graph.nodes), dtype=bool)
    own[numpy.setdiff1d(results.caller[taken], results.caller[dropped])] = True
    via = returned(graph, results, own, numpy.zeros(len(graph.numbering.hashes), dtype=bool)).via
    edges = numpy.flatnonzero(taken & own[results.caller])
    found, at = numpy.unique(results.caller[edges], return_index=True)
    via[found] = edges[at]
    return _given(results, via)


def _given(results: Edges, via: numpy.ndarray) -> Given:
    nodes = numpy.flatnonzero(via >= 0)
    return Given(nodes, via, (results.flags[via[nodes]] & ResultFlag.OTHERS) == 0)
