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
    callers, first = numpy.unique(calls.caller, return_index=True)
    if not len(callers):
        return Sleeping(states, via)
    carried = _Carried(graph, calls)
    for _ in range(_MAX_ROUNDS):
        reached = carried.along(_of_targets(graph, states))
        best = numpy.maximum.reduceat(reached, first)
        grown = best > states[callers]
        if not grown.any():
            break
        # Of each caller that grew, the first edge that carries its new state.
        wanted = numpy.zeros(len(graph.nodes), dtype=numpy.int8)
        wanted[callers[grown]] = best[grown]
        edges = numpy.flatnonzero((reached == wanted[calls.caller]) & (wanted[calls.caller] > 0))
        found, at = numpy.unique(calls.caller[edges], return_index=True)
        via[found] = edges[at]
        states[callers[grown]] = best[grown]
    return Sleeping(states, via)


def _of_targets(graph: Graph, states: numpy.ndarray) -> numpy.ndarray:
    """A name sleeps as at least half of its definitions do."""
    found = numpy.concatenate((states, graph.of_most(states)))
    for name, state in (*_ROOTS.items(), *((name, Sleep.NO) for name in _NEVER)):
        number = graph.numbering.of(name)
        if number >= 0:
            found[len(graph.nodes) + number] = state
    return found


class _Carried:
    """What each call carries from its target to its caller."""

    def __init__(self, graph: Graph, calls: Edges) -> None:
        gfp = calls.flags >> GFP_SHIFT
        self._target = calls.target
        self._atomic = gfp == Gfp.ATOMIC
        self._blocking = gfp == Gfp.BLOCKING
        self._own = gfp >= Gfp.FIRST_PARAMETER
        self._member = (calls.flags & CallFlag.MEMBER) != 0
        tests = (graph.flags[calls.caller] & ShapeFlag.ATOMIC_TEST) != 0
        self._guarded = ((calls.flags & CallFlag.GUARDED) != 0) | tests
        self._takes_gfp = graph.gfp[calls.caller] >= 0

    def along(self, targets: numpy.ndarray) -> numpy.ndarray:
        """int8, one an edge, from one a target."""
        state = targets[self._target]
        yes, by_gfp = state == Sleep.YES, state == Sleep.BY_GFP
        carried = numpy.zeros(len(state), dtype=numpy.int8)
        carried[state == Sleep.BY_FAULT] = Sleep.BY_FAULT
        carried[by_gfp] = Sleep.SOMETIMES
        carried[yes | (by_gfp & self._blocking)] = Sleep.YES
        carried[self._own & (yes | by_gfp)] = Sleep.BY_GFP
        carried[self._guarded & (carried == Sleep.YES) & self._takes_gfp] = Sleep.BY_GFP
        carried[self._guarded & (carried >= Sleep.BY_FAULT)] = Sleep.SOMETIMES
        carried[self._atomic | self._member] = Sleep.NO
        return carried
