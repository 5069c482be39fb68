"""A few worker processes that parse, each fed by a thread; results come in the order of the tasks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from queue import SimpleQueue

from lrev.errors import MachineError
from lrev.indexing.rows import Parsed, from_wire
from lrev.indexing.worker import SEALED_ARGUMENT, parse_task, read_frame, write_frame
from lrev.paths import PROJECT_ROOT

# A batch is sent when it holds this much: small enough to keep both processes busy, large enough to be worth a frame.
_BATCH_BYTES = 256 * 1024
_BATCH_TASKS = 64
# Fewer tasks than this are done sooner here than a process is started.
_WORTH_A_PROCESS = 24
# Batches under way per worker: one in work and one waiting, so that memory stays bounded.
_BATCHES_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Task:
    path: str
    blob: str
    archive: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Tasks:
    """`total` is 0 when it is not known beforehand."""

    each: Iterable[Task]
    total: int = 0


def parse_all(tasks: Iterable[Task]) -> Iterator[Parsed]:
    """Processes are started only when there is enough to do. Raises MachineError when one dies."""
    waiting = iter(tasks)
    first = list(islice(waiting, _WORTH_A_PROCESS))
    if len(first) < _WORTH_A_PROCESS:
        yield from (parse_task(task.path, task.blob, task.archive, task.data) for task in first)
        return
    with ExitStack() as stack:
        count = os.cpu_count() or 1
        idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        for _ in range(count):
            idle.put(stack.enter_context(_worker()))
        threads = stack.enter_context(ThreadPoolExecutor(count))
        running: deque[Future[list[Parsed]]] = deque()
        for batch in _batches(chain(first, waiting)):
            running.append(threads.submit(_run, idle, batch))
            if len(running) > count * _BATCHES_AHEAD:
                yield from running.popleft().result()
        while running:
            yield from running.popleft().result()


def _worker() -> subprocess.Popen[bytes]:
    from lrev.seal import is_sealed

    # -P: the directory we stand in may be a hostile tree with a module of some familiar name.
    command = [sys.executable, "-P", "-m", "lrev.indexing.worker", *([SEALED_ARGUMENT] if is_sealed() else [])]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def _run(idle: SimpleQueue[subprocess.Popen[bytes]], batch: list[Task]) -> list[Parsed]:
    worker = idle.get()
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        write_frame(worker.stdin, [(task.path, task.blob, task.archive, task.data) for task in batch])
        answer = read_frame(worker.stdout)
    except BrokenPipeError:
        answer = None
    finally:
        idle.put(worker)
    if not isinstance(answer, list):
        names = batch[0].path or batch[0].archive
        raise MachineError(f"a parsing process died near '{names}'", "run the command again; it continues")
    return [from_wire(wire) for wire in answer]


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    batch, size = list[Task](), 0
    for task in tasks:
        batch.append(task)
        size += len(task.data)
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_TASKS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
