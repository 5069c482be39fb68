"""Running a stage in a process of its own, so that its peak memory is its own, and what is said of it."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
_KILOBYTE = 1024
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one process. `answer` is what the stage returned."""

    answer: object
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float


def in_child(stage: Callable[[], object], threads: int = 1) -> Usage:
    """Runs `stage` in a forked process; what it returns must be JSON. Raises RuntimeError when it fails.

    Numeric libraries of the child get `threads` threads, because threads that spin would be counted as work.
    """
    readable, writable = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _run(stage, readable, writable, threads)
    os.close(writable)
    with os.fdopen(readable, "rb") as stream:
        data = stream.read()
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    if status:
        raise RuntimeError("the stage failed; its own words are above")
    cpu = usage.ru_utime + usage.ru_stime
    return Usage(json.loads(data), wall, cpu, usage.ru_maxrss * _KILOBYTE / _MEGABYTE)


def _run(stage: Callable[[], object], readable: int, writable: int, threads: int) -> None:
    """In the child: never returns, so that nothing of the parent runs twice."""
    status = 1
    try:
        os.close(readable)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TOKENIZERS_PARALLELISM"):
            os.environ[name] = "false" if name.startswith("TOKENIZERS") else str(threads)
        with os.fdopen(writable, "wb") as stream:
            stream.write(json.dumps(stage()).encode())
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is is told, and the child ends here
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def timed(action: Callable[[], Answer]) -> tuple[Answer, float]:
    """What it answers, and the milliseconds it took."""
    started = time.perf_counter()
    answer = action()
    return answer, (time.perf_counter() - started) * 1e3


def percentile(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def megabytes(path: Path) -> float:
    """Of a file, or of all files below a directory, a file with several names counted once."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and not one.is_symlink()]
    sizes = {(one.stat().st_dev, one.stat().st_ino): one.stat().st_size for one in files}
    return sum(sizes.values()) / _MEGABYTE


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown, columns padded so that it can be read as it is."""
    cells = [[str(one) for one in row] for row in (head, *rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(head))]
    lines = [
        "| " + " | ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
