"""The wheel of llama-cpp-python, compiled once for this machine and kept under the user's cache directory."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

from child import run
from machine import COMPILE_BYTES, Failure, need_compiler, need_space

# LLAVA reads images, which no patch has. llama.cpp compiles for the CPU it finds unless told otherwise.
CMAKE_ARGS = "-DLLAVA_BUILD=OFF"
# llama.cpp faults when it first configures AMX tiles on virtual machines that show AMX and let a process ask for it;
# nothing that can be asked beforehand tells. Where it works, give CMAKE_ARGS with other CMAKE_C_FLAGS and
# CMAKE_CXX_FLAGS: what comes later counts.
AMX = "amx_tile"
_NO_AMX_FLAGS = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
NO_AMX = f"-DCMAKE_C_FLAGS='{_NO_AMX_FLAGS}' -DCMAKE_CXX_FLAGS='{_NO_AMX_FLAGS}'"
# The families of CPU features that change what the compiler makes of llama.cpp; the kernel lists many more, and they
# come and go with the kernel.
CPU_FEATURES = re.compile(r"(sse|ssse|avx|amx|fma|f16c|bmi|vnni|vaes|gfni|asimd|sve|sme(?!p)|i8mm|bf16|fphp)\w*$")
CPUINFO = Path("/proc/cpuinfo")


def cpu_features(cpuinfo: str) -> tuple[str, ...]:
    """The features that matter of the first CPU in /proc/cpuinfo, sorted."""
    found = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    return tuple(sorted({name for name in (found[1].split() if found else ()) if CPU_FEATURES.match(name)}))


def cmake_arguments() -> str:
    without = NO_AMX if AMX in cpu_features(CPUINFO.read_text(errors="replace")) else ""
    return " ".join(filter(None, (CMAKE_ARGS, without, os.environ.get("CMAKE_ARGS", ""))))


def key(lock: Path) -> str:
    """Names a build: the locked sdist, the Python ABI, the C library, the CPU's features, the options given."""
    parts = (
        lock.read_text(),
        str(sysconfig.get_config_var("SOABI")),
        " ".join(platform.libc_ver()),
        platform.machine(),
        *cpu_features(CPUINFO.read_text(errors="replace")),
        cmake_arguments(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def cache_directory() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lrev" / "wheels"


def kept(directory: Path) -> Path | None:
    """The wheel in `directory` if it is the one that was put there, by its hash."""
    for wheel in directory.glob("llama_cpp_python-*.whl"):
        digest = directory / f"{wheel.name}.sha256"
        if digest.is_file() and digest.read_text().strip() == hashlib.sha256(wheel.read_bytes()).hexdigest():
            return wheel
    return None


def provide(python: Path, lock: Path, log: Path) -> Path:
    """The kept wheel, else a compiled one. Raises Failure without a compiler, space or the locked sdist."""
    directory = cache_directory() / key(lock)
    wheel = kept(directory)
    if wheel is not None:
        return wheel
    need_compiler()
    need_space(Path(tempfile.gettempdir()), COMPILE_BYTES, "compiling llama-cpp-python")
    need_space(directory, COMPILE_BYTES // 10, "keeping the compiled llama-cpp-python")
    print("compiling llama-cpp-python: 6 to 7 minutes on 2 cores, once", file=sys.stderr)
    directory.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix="build-") as aside:
        compile_wheel(python, lock, log, Path(aside))
        shutil.rmtree(directory, ignore_errors=True)
        Path(aside).rename(directory)
        Path(aside).mkdir()  # for TemporaryDirectory to remove
    wheel = kept(directory)
    if wheel is None:
        raise Failure("compiling llama-cpp-python gave no wheel", f"the whole output is in '{log}'")
    return wheel


def compile_wheel(python: Path, lock: Path, log: Path, directory: Path) -> None:
    command = [str(python), "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    command += ["--require-hashes", "--no-binary", ":all:", "--wheel-dir", str(directory), "--requirement", str(lock)]
    cores = str(len(os.sched_getaffinity(0)))
    environment = {
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}",  # the locked cmake and ninja
        "CMAKE_ARGS": cmake_arguments(),
        "CMAKE_BUILD_PARALLEL_LEVEL": os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", cores),
    }
    run("compiling llama-cpp-python", command, log, environment)
    for wheel in directory.glob("*.whl"):
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (directory / f"{wheel.name}.sha256").write_text(f"{digest}\n")
