"""What the set-up asks of the machine, before it spends minutes on finding out. Standard library only."""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
import sys
from pathlib import Path

USAGE = 2
MACHINE = 5

GB = 1_000_000_000
VENV_BYTES = 3 * GB  # .venv with the CPU build of torch is 1.7 GB; pip unpacks beside it
CUDA_VENV_BYTES = 9 * GB  # 5.5 GB with the default build and its CUDA libraries
COMPILE_BYTES = 1 * GB  # llama-cpp-python: 0.4 GB of source and 0.2 GB of objects


class Failure(Exception):
    """Ends the set-up with one line, a hint and an exit code as in docs/cli.md."""

    def __init__(self, message: str, hint: str, code: int = MACHINE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code


def need_linux() -> None:
    if sys.platform != "linux":
        raise Failure(f"cannot run on '{sys.platform}'", "lrev closes itself off with seccomp, which Linux has", USAGE)


def need_venv() -> None:
    """Debian and Ubuntu ship Python without ensurepip unless python3-venv is installed."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            package = f"python3.{sys.version_info.minor}-venv"
            raise Failure(f"cannot import '{module}' in '{sys.executable}'", f"apt install {package}")


def need_compiler() -> None:
    """A C and a C++ compiler, by CC and CXX if set."""
    for variable, default, language in (("CC", "cc", "C"), ("CXX", "c++", "C++")):
        command = shlex.split(os.environ.get(variable) or default)[0]
        if shutil.which(command) is None:
            message = f"cannot find a {language} compiler: '{command}'"
            raise Failure(message, f"apt install gcc g++, or set {variable}")


def need_space(where: Path, wanted_bytes: int, purpose: str) -> None:
    """Raises Failure with both numbers when the file system of `where` has less than `wanted_bytes` free."""
    there = next(parent for parent in (where, *where.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < wanted_bytes:
        message = f"disk of '{there}' is too full for {purpose}: {free / GB:.1f} GB free of {wanted_bytes / GB:.1f} GB"
        raise Failure(message, "free some space and run make again; what is done is kept")
