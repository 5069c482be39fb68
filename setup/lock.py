"""Renews setup/lock*.txt from pyproject.toml and setup/tools.in (`make lock`); needs uv.

One resolution for every Python from 3.11 on Linux, written as files that are installed differently:

lock.txt            everything that comes as a wheel
lock-torch-cpu.txt  torch's CPU build, by the hashes in torch-cpu.sha256: no index that uv reads here carries it
lock-torch.txt      torch's default build, for where pip is not offered the CPU build. Not one file with the above:
                    given both, pip prefers the one whose hash its index publishes
lock-cuda.txt       what the default build of torch wants beside it, and the CPU build does not
lock-llama.txt      llama-cpp-python, the sdist, compiled for this machine
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SETUP = Path(__file__).resolve().parent
ROOT = SETUP.parent
RESOLUTION = ROOT / "build" / "lock-all.txt"
REQUIREMENT = re.compile(r"^(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>\S+)")
CUDA = re.compile(r"^(nvidia|cuda)-|^triton$")
HEADER = "# Written by `make lock`: do not edit.\n"


def resolve(uv: str) -> None:
    """The whole resolution, newest releases first, without the name of any index."""
    RESOLUTION.parent.mkdir(exist_ok=True)
    RESOLUTION.unlink(missing_ok=True)  # uv would keep the versions it finds there
    command = [uv, "pip", "compile", "pyproject.toml", "setup/tools.in", "--extra", "dev", "--universal", "--quiet"]
    command += ["--python-version", "3.11", "--fork-strategy", "fewest", "--generate-hashes"]
    command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links", "--output-file", str(RESOLUTION)]
    subprocess.run(command, cwd=ROOT, check=True)


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Name and lines of each requirement."""
    name, lines = "", list[str]()
    for line in text.splitlines(keepends=True):
        found = REQUIREMENT.match(line)
        if found:
            if lines:
                yield name, "".join(lines)
            name, lines = found["name"], []
        lines.append(line)
    yield name, "".join(lines)


def file_of(name: str) -> str:
    if name == "torch":
        return "lock-torch.txt"
    if name == "llama-cpp-python":
        return "lock-llama.txt"
    return "lock-cuda.txt" if CUDA.search(name) else "lock.txt"


def cpu_build(block: str) -> str:
    """The requirement of torch's CPU build. Stops when the listed hashes are of another release."""
    version = block.split(maxsplit=1)[0].removeprefix("torch==")
    listed = [line.split() for line in (SETUP / "torch-cpu.sha256").read_text().splitlines()]
    if any(not wheel.startswith(f"torch-{version}+cpu-") for _, wheel in listed):
        raise SystemExit(f"lock: error: setup/torch-cpu.sha256 is not of torch '{version}'")
    return " \\\n".join([f"torch=={version}+cpu", *(f"    --hash=sha256:{digest}" for digest, _ in listed)]) + "\n"


def main() -> int:
    uv = shutil.which("uv", path=str(ROOT / ".venv" / "bin")) or shutil.which("uv")
    if uv is None:
        print("lock: error: cannot find 'uv'\n\nhint: .venv/bin/pip install uv", file=sys.stderr)
        return 2
    resolve(uv)
    files: dict[str, list[str]] = {}
    for name, block in blocks(RESOLUTION.read_text()):
        files.setdefault(file_of(name), []).append(block)
        if name == "torch":
            files["lock-torch-cpu.txt"] = [cpu_build(block)]
    for name, parts in files.items():
        (SETUP / name).write_text(HEADER + "".join(parts))
        print(f"setup/{name}: {len(parts)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
