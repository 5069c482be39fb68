"""Which functions may sleep, carried along the calls to a fixed point together with the condition it holds under.

Sleeping is claimed of a caller when it always makes the call (no branch, no earlier return). An allocation sleeps by
its gfp argument: a constant decides, a parameter handed on makes it the caller's own condition. Where it is one branch
that sleeps, that is said and not carried further: with every branch counted, half of the tree sleeps through printk().
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy

from lrev.indexing.graph import Edges, Graph
from lrev.source.c_gfp import GFP_SHIFT, Gfp
from lrev.source.c_rows import CallFlag, ShapeFlag


class Sleep(IntEnum):
    NO = 0  # not known to
    SOMETIMES = 1  # on one branch, or in one of several definitions
    BY_GFP = 2  # when the gfp argument allows it
    BY_FAULT = 3  # when page faults are enabled
    YES = 4


# The roots: what include/linux/kernel.h and kernel/sched/core.c define as sleeping, or as saying that one may.
_ROOTS = {
    "might_sleep": Sleep.YES,
    "__might_sleep": Sleep.YES,
    "schedule": Sleep.YES,
    "io_schedule": Sleep.YES,
    "schedule_timeout": Sleep.YES,
    "cond_resched": Sleep.YES,
    "might_alloc": Sleep.BY_GFP,
    "might_sleep_if": Sleep.BY_GFP,
    "might_fault": Sleep.BY_FAULT,
}
# May be called from any context although a path of theirs leads to the scheduler: being preempted is not sleeping,
# and what the console or a dying machine does is guarded by tests that no call graph shows.
_NEVER = (
    "preempt_schedule", "preempt_schedule_notrace", "preempt_schedule_common", "__preempt_schedule", "preempt_enable",
    "preempt_check_resched", "__schedule", "printk", "_printk", "vprintk", "vprintk_emit", "vprintk_default", "panic",
    "BUG", "BUG_ON", "WARN", "WARN_ON", "WARN_ON_ONCE", "WARN_ONCE",
    "__warn", "__warn_printk", "dump_stack", "oops_exit", "die",
    "make_task_dead", "do_exit", "console_unlock", "rcu_read_unlock", "local_bh_enable", "do_softirq", "spin_lock",
    "spin_unlock", "wake_up_process",
)  # fmt: skip
# The longest chain of calls that was seen on 6.1 is far shorter; a bound, so that a defect cannot loop for ever.
_MAX_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Sleeping:
    """For each node its Sleep and the edge by which it is known, -1 for none; int8 and int64, shape (nodes,)."""

    states: numpy.ndarray
    via: numpy.ndarray


def sleeping(graph: Graph, calls: Edges) -> Sleeping:
    states = numpy.zeros(len(graph.nodes), dtype=numpy.int8)
    via = numpy.full(len(graph.nodes), -1, dtype=numpy.int64)
    carried = _Carried(graph, calls)
    known = _known(graph)
    before = numpy.zeros(len(graph.nodes) + len(graph.numbering.hashes), dtype=numpy.int8)
    for _ in range(_MAX_ROUNDS):
        targets = _of_targets(graph, states, known)
        edges = carried.to(numpy.flatnonzero(targets != before))
        before = targets
        reached = carried.along(edges, targets)
        callers = calls.caller[edges]
        growing = numpy.flatnonzero(reached > states[callers])
        if not len(growing):
            break
        # The best first, and of equals the one that stands first in the text.
        order = growing[numpy.lexsort((edges[growing], -reached[growing], callers[growing]))]
        found, first = numpy.unique(callers[order], return_index=True)
        states[found] = reached[order[first]]
        via[found] = edges[order[first]]
    never = numpy.concatenate([places for places, state in known if state is Sleep.NO])
    states[never[never < len(states)]] = Sleep.NO
    return Sleeping(states, via)


def _known(graph: Graph) -> list[tuple[numpy.ndarray, Sleep]]:
    """The targets of which it is known beforehand."""
    named = (*_ROOTS.items(), *((name, Sleep.NO) for name in _NEVER))
    return [(graph.targets_of(name), state) for name, state in named]


def _of_targets(graph: Graph, states: numpy.ndarray, known: list[tuple[numpy.ndarray, Sleep]]) -> numpy.ndarray:
    """A name sleeps as at least half of its definitions do."""
    found = numpy.concatenate((states, graph.of_most(states)))
    for places, state in known:
        found[places] = state
    return found


class _Carried:
    """What each call carries from its target to its caller."""

    def __init__(self, graph: Graph, calls: Edges) -> None:
        gfp = calls.flags >> GFP_SHIFT
        self._target = calls.target
        self._by_target = numpy.argsort(calls.target, kind="stable")
        self._sorted = calls.target[self._by_target]
        self._atomic = gfp == Gfp.ATOMIC
        self._blocking = gfp == Gfp.BLOCKING
        self._own = gfp >= Gfp.FIRST_PARAMETER
        self._member = (calls.flags & CallFlag.MEMBER) != 0
        flags = graph.flags[calls.caller]
        # Of a function that was not read whole, it is not known whether a branch goes around the call.
        unsure = ((flags & ShapeFlag.ATOMIC_TEST) != 0) | ((flags & ShapeFlag.WHOLE) == 0)
        self._guarded = ((calls.flags & CallFlag.GUARDED) != 0) | unsure
        self._takes_gfp = graph.gfp[calls.caller] >= 0

    def to(self, targets: numpy.ndarray) -> numpy.ndarray:
        """The edges to these targets."""
        starts = numpy.searchsorted(self._sorted, targets)
        counts = numpy.searchsorted(self._sorted, targets, side="right") - starts
        within = numpy.arange(counts.sum()) - numpy.repeat(numpy.cumsum(counts) - counts, counts)
        edges: numpy.ndarray = self._by_target[numpy.repeat(starts, counts) + within]
        return edges

    def along(self, edges: numpy.ndarray, targets: numpy.ndarray) -> numpy.ndarray:
        """int8, one an edge, from one a target."""
        state, own, guarded = targets[self._target[edges]], self._own[edges], self._guarded[edges]
        yes, by_gfp = state == Sleep.YES, state == Sleep.BY_GFP
        carried = numpy.zeros(len(state), dtype=numpy.int8)
        carried[state == Sleep.BY_FAULT] = Sleep.BY_FAULT
        carried[by_gfp] = Sleep.SOMETIMES
        carried[yes | (by_gfp & self._blocking[edges])] = Sleep.YES
        carried[own & (yes | by_gfp)] = Sleep.BY_GFP
        carried[guarded & (carried == Sleep.YES) & self._takes_gfp[edges]] = Sleep.BY_GFP
        carried[guarded & (carried >= Sleep.BY_FAULT)] = Sleep.SOMETIMES
        carried[self._atomic[edges] | self._member[edges]] = Sleep.NO
        return carried
