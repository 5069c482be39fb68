"""Being a good guest: low priority, no work on battery, none while others need the machine."""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

POWER_SUPPLIES = Path("/sys/class/power_supply")
LOAD_AVERAGE = Path("/proc/loadavg")
NICENESS = 10
# ioprio_set(2), linux/ioprio.h: the idle class gets the disk when nobody else wants it.
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30}
_WHO_PROCESS, _CLASS_IDLE, _CLASS_SHIFT = 1, 3, 13


def step_back() -> None:
    """Lower this process and the children it will start, in processor and disk. Nothing happens where that fails."""
    os.nice(max(0, NICENESS - os.nice(0)))
    number = _IOPRIO_SET.get(platform.machine())
    if number is not None:
        ctypes.CDLL(None).syscall(number, _WHO_PROCESS, 0, _CLASS_IDLE << _CLASS_SHIFT)


def is_on_battery(supplies: Path = POWER_SUPPLIES) -> bool:
    """A battery discharges and no mains is on line; by linux/Documentation/ABI/testing/sysfs-class-power."""
    found = [(_word(one / "type"), one) for one in sorted(supplies.glob("*"))]
    if any(kind in ("Mains", "USB") and _word(one / "online") == "1" for kind, one in found):
        return False
    own = (one for kind, one in found if kind == "Battery" and _word(one / "scope") != "Device")
    return any(_word(one / "status") == "Discharging" for one in own)


def load_of_others(own: float, load_average: Path = LOAD_AVERAGE) -> float:
    """Processes that wanted a core in the last minute, less the `own` that a run keeps busy; 0 where it is unknown."""
    try:
        return max(0.0, float(load_average.read_text().split()[0]) - own)
    except (OSError, ValueError, IndexError):
        return 0.0


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))


def _word(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
