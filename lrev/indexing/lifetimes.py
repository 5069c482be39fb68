"""What functions do to the life of what they are given, and what they give back, carried along the calls.

A function that always hands its parameter to one that frees it frees it too. `&p->part` handed to what drops a
reference of the part drops one of `p`: the part is embedded (Documentation/core-api/kobject.rst).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy

from lrev.indexing.graph import Edges, Graph
from lrev.source.c_gfp import MAX_PARAMETERS
from lrev.source.c_rows import (
    ARGUMENT_SHIFT,
    PARAMETER_SHIFT,
    POSITION_MASK,
    RESULT_ARGUMENT_MASK,
    PassFlag,
    ResultFlag,
    ShapeFlag,
)

_WIDTH = MAX_PARAMETERS + 1


class Fate(IntFlag):
    """Of an argument; shifted by a Chance, three bits each."""

    FREED = 1
    PUT = 2
    GOT = 4


class Chance(IntEnum):
    """When a fate meets an argument, as a number of bits."""

    ALWAYS = 0
    ON_SUCCESS = 3  # unless the function fails before
    SOMETIMES = 6


_ALL = 7
# What is only sometimes so is not carried further.
_CARRIED = _ALL | _ALL << Chance.ON_SUCCESS
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
    """`found` has nodes, arguments and edges by which it is known, for each bit (a Fate shifted by a Chance).

    `of_targets` is int16 of shape (nodes and names, arguments), all bits of one together.
    """

    found: dict[int, tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]
    of_targets: numpy.ndarray


def fates_of(graph: Graph, passes: Edges) -> Fates:
    fates = numpy.zeros((len(graph.nodes), _WIDTH), dtype=numpy.int16)
    parts: dict[int, list[tuple[numpy.ndarray, numpy.ndarray]]] = {
        fate << chance: [] for fate in Fate for chance in Chance
    }
    argument = passes.flags >> ARGUMENT_SHIFT & POSITION_MASK
    slots = passes.caller.astype(numpy.int64) * _WIDTH + (passes.flags >> PARAMETER_SHIFT & POSITION_MASK)
    unsure = (graph.flags[passes.caller] & ShapeFlag.WHOLE) == 0
    guarded = ((passes.flags & PassFlag.GUARDED) != 0) | unsure
    failing = (passes.flags & PassFlag.FAILURE) != 0
    embedded = (passes.flags & PassFlag.EMBEDDED) != 0
    targets = _of_targets(graph, fates)
    for _ in range(_MAX_ROUNDS):
        of_target = targets[passes.target, argument]
        # What frees a part in place would free no more than the part.
        of_target = numpy.where(
            embedded, of_target & ~numpy.int16(Fate.FREED | Fate.FREED << Chance.ON_SUCCESS), of_target
        )
        always, on_success = of_target & _ALL, of_target >> Chance.ON_SUCCESS & _ALL
        carried = numpy.where(failing, (always | on_success) << Chance.ON_SUCCESS, of_target & _CARRIED)
        carried = numpy.where(guarded, (always | on_success) << Chance.SOMETIMES, carried)
        before = fates.reshape(-1)[slots]
        growing = numpy.flatnonzero(carried & ~before)
        if not len(growing):
            break
        new = carried[growing] & ~before[growing]
        numpy.bitwise_or.at(fates.reshape(-1), slots[growing], new)
        for bit, known in parts.items():
            edges = growing[(new & bit) != 0]
            found, at = numpy.unique(slots[edges], return_index=True)
            known.append((found, edges[at]))
        targets = _of_targets(graph, fates)
    return Fates({bit: _joined(known) for bit, known in parts.items()}, targets)


def _joined(parts: list[tuple[numpy.ndarray, numpy.ndarray]]) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """(slots, edges) of each round -> nodes, arguments, edges."""
    slots, edges = (numpy.concatenate([part[at] for part in parts] or [numpy.zeros(0, numpy.int64)]) for at in (0, 1))
    return slots // _WIDTH, slots % _WIDTH, edges


def _of_targets(graph: Graph, fates: numpy.ndarray) -> numpy.ndarray:
    """Bit by bit what most definitions of a name do."""
    rows = numpy.zeros((len(graph.nodes) + len(graph.numbering.hashes), _WIDTH), dtype=numpy.int16)
    rows[: len(graph.nodes)] = fates
    for at in numpy.flatnonzero((fates & _CARRIED).any(axis=0)).tolist():
        for fate in Fate:
            always = ((fates[:, at] & fate) != 0).astype(numpy.int8)
            on_success = ((fates[:, at] & (fate << Chance.ON_SUCCESS)) != 0).astype(numpy.int8)
            # 2 for what is always so, 1 for success.
            reach = graph.of_most(numpy.maximum(2 * always, on_success))
            rows[len(graph.nodes) :, at] |= numpy.where(reach == 2, fate, 0).astype(numpy.int16)
            rows[len(graph.nodes) :, at] |= numpy.where(reach == 1, fate << Chance.ON_SUCCESS, 0).astype(numpy.int16)
    for fate, roots in _ROOTS.items():
        for name, at in roots:
            rows[graph.targets_of(name), at] = fate
    return rows


@dataclass(frozen=True, slots=True)
class Given:
    """Which nodes return something, the edge of `results` by which it is known, and of which it is always so."""

    nodes: numpy.ndarray
    via: numpy.ndarray
    is_sure: numpy.ndarray


def returned(
    graph: Graph, results: Edges, nodes: numpy.ndarray, names: numpy.ndarray, stops: int = 0, weakens: int = 0
) -> Given:
    """The nodes that return what one of these did: `nodes` and `names` are bools, of the graph's and of all names.

    Not along a result with a flag of `stops`; what goes through one with a flag of `weakens` goes no further.
    """
    has = nodes.astype(numpy.int8)
    via = numpy.full(len(graph.nodes), -1, dtype=numpy.int64)
    is_sure = numpy.zeros(len(graph.nodes), dtype=bool)
    along = ((results.flags & RESULT_ARGUMENT_MASK) == 0) & ((results.flags & stops) == 0)
    weak = (results.flags & weakens) != 0
    for _ in range(_MAX_ROUNDS):
        targets = numpy.concatenate((has != 0, names | (graph.of_most(has) != 0)))
        growing = numpy.flatnonzero(along & ~weak & targets[results.target] & (has[results.caller] == 0))
        if not len(growing):
            break
        found, at = numpy.unique(results.caller[growing], return_index=True)
        has[found], is_sure[found] = 1, True
        via[found] = growing[at]
    last = numpy.flatnonzero(along & weak & targets[results.target] & (has[results.caller] == 0))
    found, at = numpy.unique(results.caller[last], return_index=True)
    via[found] = last[at]
    return Given(numpy.flatnonzero(via >= 0), via, is_sure)


def references(graph: Graph, results: Edges, fates: Fates) -> Given:
    """The nodes that return what they took a reference of, themselves or through what they call."""
    which = results.flags & RESULT_ARGUMENT_MASK
    fate = fates.of_targets[results.target, numpy.maximum(which - 1, 0)]
    taken = (which > 0) & ((fate & (Fate.GOT | Fate.GOT << Chance.ON_SUCCESS)) != 0)
    given_up = _CARRIED & ~(Fate.GOT | Fate.GOT << Chance.ON_SUCCESS)
    dropped = (which > 0) & ((fate & given_up) != 0)
    is_partly = (results.flags & ResultFlag.PARTLY) != 0
    own = numpy.zeros(len(graph.nodes), dtype=bool)
    own[numpy.setdiff1d(results.caller[taken & ~is_partly], results.caller[dropped])] = True
    names = numpy.zeros(len(graph.numbering.hashes), dtype=bool)
    given = returned(graph, results, own, names, weakens=ResultFlag.PARTLY)
    via, is_sure = given.via, given.is_sure
    edges = numpy.flatnonzero(taken & (own[results.caller] | (is_partly & (via[results.caller] < 0))))
    edges = edges[~numpy.isin(results.caller[edges], results.caller[dropped])]
    found, at = numpy.unique(results.caller[edges], return_index=True)
    via[found] = edges[at]
    is_sure |= own
    return Given(numpy.flatnonzero(via >= 0), via, is_sure)
