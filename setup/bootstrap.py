"""`make setup`: .venv with what setup/lock*.txt name, and lrev itself. Standard library only.

Every step is skipped when it is done; a second run takes well under a second. What pip says goes to build/setup.log.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_wheel
from child import NotOffered, run
from machine import CUDA_VENV_BYTES, VENV_BYTES, Failure, need_compiler, need_linux, need_space, need_venv

SETUP = Path(__file__).resolve().parent
ROOT = SETUP.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".lrev-stamp"
BUILD = ROOT / "build"
LOG = BUILD / "setup.log"
LOCK_TORCH_CPU = SETUP / "lock-torch-cpu.txt"
LOCK_TORCH = SETUP / "lock-torch.txt"
LOCK_CUDA = SETUP / "lock-cuda.txt"
LOCK_LLAMA = SETUP / "lock-llama.txt"
LOCK = SETUP / "lock.txt"

# What torch, once installed, asks for: its default build names CUDA libraries, the CPU build none.
WANTS_CUDA = "import importlib.metadata as m; print(any(r.startswith(('nvidia', 'cuda')) for r in m.requires('torch')))"


def wanted() -> str:
    """What .venv is made from; where it differs from the stamp, the steps run again."""
    digest = hashlib.sha256()
    for path in (LOCK_TORCH_CPU, LOCK_TORCH, LOCK_CUDA, LOCK_LLAMA, LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes())
    digest.update(llama_wheel.key(LOCK_LLAMA).encode())
    return digest.hexdigest()


def is_done() -> bool:
    return STAMP.is_file() and STAMP.read_text().strip() == wanted() and runs(PYTHON) and is_of_this_place()


def runs(python: Path) -> bool:
    """Whether the interpreter is there and of a version that serves: .venv outlives the Python it was made with."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return python.is_file() and subprocess.run([python, "-I", "-c", check], check=False).returncode == 0


@contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time in a checkout: the second waits, and then finds everything done."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "setup.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pip(step: str, *arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-deps"]
    run(step, [*command, *arguments], LOG)


def install_locked(step: str, lock: Path) -> None:
    """Wheels only, each with a hash that the lock names, from whatever index and folder pip is configured with."""
    pip(step, "--require-hashes", "--only-binary", ":all:", "--requirement", str(lock))


def is_of_this_place() -> bool:
    """A .venv that was moved or copied has scripts that start the interpreter of the old place."""
    script = VENV / "bin" / "pip"
    return script.is_file() and str(VENV) in script.read_text(errors="replace")


def make_venv() -> None:
    if runs(PYTHON) and is_of_this_place():
        return
    need_venv()
    need_space(VENV, VENV_BYTES, "the libraries")
    # We may be running in the .venv that is thrown away.
    outside = getattr(sys, "_base_executable", sys.executable)
    shutil.rmtree(VENV, ignore_errors=True)
    run("making .venv", [outside, "-m", "venv", str(VENV)], LOG)


def install_torch() -> None:
    """The CPU build where pip is offered it, else the default build, with the CUDA libraries if it asks for them."""
    try:
        install_locked("installing torch, CPU build", LOCK_TORCH_CPU)
    except NotOffered:
        need_space(VENV, CUDA_VENV_BYTES, "the default build of torch")
        install_locked("installing torch, default build, as pip is not offered the CPU build", LOCK_TORCH)
    answer = subprocess.run([PYTHON, "-I", "-c", WANTS_CUDA], capture_output=True, text=True, check=True).stdout
    if answer.strip() == "True":
        install_locked("installing the CUDA libraries that this build of torch wants", LOCK_CUDA)


def set_up() -> None:
    need_linux()
    if is_done():
        return
    with alone():
        if is_done():
            return
        LOG.unlink(missing_ok=True)
        print(f"setting up .venv (log: {LOG.relative_to(ROOT)})", file=sys.stderr)
        if llama_wheel.kept(llama_wheel.cache_directory() / llama_wheel.key(LOCK_LLAMA)) is None:
            need_compiler()  # said now rather than after the downloads
        STAMP.unlink(missing_ok=True)
        make_venv()
        install_torch()
        install_locked("installing the libraries", LOCK)
        wheel = llama_wheel.provide(PYTHON, LOCK_LLAMA, LOG)
        pip("installing llama-cpp-python", "--force-reinstall", str(wheel))
        pip("installing lrev", "--no-build-isolation", "--editable", str(ROOT))
        run("checking the libraries against each other", [str(PYTHON), "-m", "pip", "check"], LOG)
        write_stamp()


def write_stamp() -> None:
    aside = STAMP.with_suffix(".part")
    aside.write_text(f"{wanted()}\n")
    aside.replace(STAMP)


def main() -> int:
    started = time.monotonic()
    try:
        set_up()
    except Failure as failure:
        print(f"lrev set-up: error: {failure.message}\n\nhint: {failure.hint}", file=sys.stderr)
        return failure.code
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        print(f"lrev set-up: error: {(error.strerror or str(error)).lower()}{where}", file=sys.stderr)
        return 5
    except KeyboardInterrupt:
        return 130
    if time.monotonic() - started > 1:
        print(f".venv is ready after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
