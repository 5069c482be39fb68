"""Runs a step of the set-up as a child: its output goes to a log, its failure becomes one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from machine import Failure

PROGRESS = re.compile(r"^\s*\[\s*(\d+)/(\d+)\]")  # of ninja
QUIET_SECONDS = 60  # between lines of progress where there is no terminal to rewrite one on

DISK_FULL = re.compile(r"No space left on device|Errno 28|Disk quota exceeded")
WRONG_HASH = re.compile(r"DO NOT MATCH THE HASHES")
NAME_BESIDE_HASH = re.compile(r"^\s{4}(\S+?)(?:==|\s|$).*from ", re.MULTILINE)
NOT_OFFERED = re.compile(r"No matching distribution found for (\S+)")
NO_NETWORK = re.compile(
    r"after connection broken by|Max retries exceeded|Temporary failure in name resolution|Read timed out"
)
COMPILER_KILLED = re.compile(r"Killed signal terminated program")


class NotOffered(Failure):
    """pip is configured with no index or folder that has the package for this Python and machine."""


def reason(step: str, output: str, log: Path) -> Failure:
    """What went wrong in words; the log has the rest."""
    hint = f"the whole output is in '{log}'"
    if DISK_FULL.search(output):
        return Failure(f"disk full while {step}", "free some space and run make again; what is done is kept")
    if WRONG_HASH.search(output):
        names = NAME_BESIDE_HASH.findall(output.partition("DO NOT MATCH THE HASHES")[2])
        package = names[0] if names else "a package"
        return Failure(
            f"wrong hash: '{package}' is not the file that setup/lock*.txt names",
            f"{hint}; nothing of it was installed",
        )
    if COMPILER_KILLED.search(output):
        return Failure(f"out of memory while {step}", "set CMAKE_BUILD_PARALLEL_LEVEL=1 and run make again")
    missing = NOT_OFFERED.search(output)
    if NO_NETWORK.search(output):
        return Failure(
            f"cannot reach the package index while {step}", "check the network and pip's configuration: pip config list"
        )
    if missing:
        return NotOffered(
            f"package '{missing[1]}' is not on offer to pip for this Python and machine", f"pip config list; {hint}"
        )
    return Failure(f"{step} failed", hint)


def run(step: str, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
    """Raises Failure if the child fails. `step` reads as '... while STEP'."""
    started = time.monotonic()
    tail = Progress(step)
    with log.open("ab") as file:
        file.write(f"\n$ {' '.join(command)}\n".encode())
        file.flush()
        begin = file.tell()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {}), "PYTHONUNBUFFERED": "1"},
        )
        assert child.stdout is not None
        with child.stdout as output:
            for line in output:
                file.write(line)
                tail.see(line.decode("utf-8", "replace"))
    tail.close()
    if child.wait():
        with log.open("rb") as file:
            file.seek(begin)
            raise reason(step, file.read().decode("utf-8", "replace"), log)
    print(f"  {step}: {time.monotonic() - started:.0f} s", file=sys.stderr)


class Progress:
    """Ninja's count with the remaining time: one line rewritten on a terminal, else a line a minute."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.terminal = sys.stderr.isatty()
        self.started = self.said = time.monotonic()
        self.dirty = False

    def see(self, line: str) -> None:
        found = PROGRESS.match(line)
        now = time.monotonic()
        if not found or (not self.terminal and now - self.said < QUIET_SECONDS):
            return
        done, total = int(found[1]), int(found[2])
        remaining = (now - self.started) / max(done, 1) * (total - done)
        text = f"  {self.step}: {done} of {total}, about {remaining / 60:.0f} min left"
        print(
            f"\r{text}\033[K" if self.terminal else text, end="" if self.terminal else "\n", file=sys.stderr, flush=True
        )
        self.said, self.dirty = now, True

    def close(self) -> None:
        if self.terminal and self.dirty:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
