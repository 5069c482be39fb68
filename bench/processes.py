"""Running a program as a user would, and watching the memory of it and of all it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Between two looks at the memory: short against any build, long against reading /proc.
_LOOK_EVERY_SECONDS = 0.1
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1 << 20
_PARENT_FIELD = 1  # of /proc/PID/stat, after the name in brackets


@dataclass(frozen=True, slots=True)
class Run:
    """`peak_megabytes` adds up all processes, so that what they share counts more than once."""

    wall_seconds: float
    peak_megabytes: float
    output: str


def lrev(*arguments: str | Path) -> Run:
    return run([sys.executable, "-m", "lrev", *map(str, arguments)])


def run(command: Sequence[str]) -> Run:
    """Raises RuntimeError with the end of its words when it fails."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as words:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=words)
        peak = 0
        while child.poll() is None:
            peak = max(peak, _resident_pages(child.pid))
            time.sleep(_LOOK_EVERY_SECONDS)
        wall = time.perf_counter() - started
        words.seek(0)
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)}: {words.read().decode(errors='replace')[-2000:]}")
        output.seek(0)
        return Run(wall, peak * _PAGE_BYTES / _MEGABYTE, output.read().decode(errors="replace"))


def _resident_pages(root: int) -> int:
    """Of a process and all below it; one that ends meanwhile counts nothing."""
    parents: dict[int, int] = {}
    for process in Path("/proc").glob("[0-9]*"):
        fields = _fields(process / "stat")
        parents[int(process.name)] = int(fields[_PARENT_FIELD]) if fields else 0
    family = {root}
    while fresh := {one for one, parent in parents.items() if parent in family} - family:
        family |= fresh
    return sum(_resident(process) for process in family)


def _fields(path: Path) -> list[str]:
    try:
        return path.read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident(process: int) -> int:
    fields = _fields(Path("/proc", str(process), "statm"))
    return int(fields[1]) if fields else 0
