"""Settings -> a desk and its lanes: one open index, and model processes that outlast the jobs."""

from __future__ import annotations

import os
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace

from lrev.batch.desk import Desk
from lrev.batch.lanes import Counting, Lanes
from lrev.batch.queue import Queue
from lrev.model.generator import EngineSpec
from lrev.model.loading import physical_cores
from lrev.model.watching import Watch
from lrev.model.worker import open_worker
from lrev.settings import Settings
from lrev.wiring.generators import Chosen, engine_spec, generator_named
from lrev.wiring.reviews import open_review


@dataclass(frozen=True, slots=True)
class Opened:
    """`threads` are those that a run keeps busy; `doubts` are about the model."""

    desk: Desk
    lanes: Lanes | None
    threads: int
    doubts: tuple[str, ...] = ()


def open_batch(
    stack: ExitStack, settings: Settings, queue: Queue, *, tree: str | None, model: str | None, jobs: int
) -> Opened:
    """For the life of `stack`; `model` None means that code alone speaks. So many `jobs` share the machine's cores.

    Raises what open_review() and open_worker() raise.
    """
    if model is None:
        ready = open_review(stack, settings, model=None, tree=tree)
        return Opened(Desk(queue, ready.resources, ready.repository), None, 1)
    entry = generator_named(model)
    spec = _sharing(engine_spec(entry, settings), jobs)
    watch = Watch(memory_megabytes=settings.model_memory_megabytes)
    models = [stack.enter_context(open_worker(spec, watch)) for _ in range(jobs)]
    counting = Chosen(entry, nullcontext(Counting(models[0])))
    ready = open_review(stack, settings, model=counting, tree=tree)
    lanes = Lanes(models)
    stack.callback(lanes.close)
    return Opened(Desk(queue, ready.resources, ready.repository), lanes, spec.threads * jobs, ready.doubts)


def _sharing(spec: EngineSpec, jobs: int) -> EngineSpec:
    cores = min(spec.threads or physical_cores(), len(os.sched_getaffinity(0)))
    return replace(spec, threads=max(1, cores // jobs))
