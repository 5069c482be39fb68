"""`make demo`: set up, fetch the models, index examples/ and review its patches. Standard library only.

Every step is a child process; the replies go to stdout, the times and the peak memory to stderr. Run again, every
step before the reviews finds its work done.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LREV = ".venv/bin/lrev"
INDEX = "build/demo-index"
TREE = "examples/tree"
ARCHIVE = "examples/archive"
SERIES = "examples/series"

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One child. The drafts of a step that `replies` go to stdout, what the others print to stderr."""

    name: str
    command: tuple[str, ...]
    replies: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """`peak_bytes` is the resident size of the largest process of the step."""

    step: Step
    seconds: float
    peak_bytes: int
    exit_code: int


def review(patches: str) -> Step:
    command = (LREV, "review", "--index", INDEX, "--tree", TREE, f"{SERIES}/{patches}")
    return Step(f"review {patches}", command, replies=True)


STEPS = (
    Step("set up .venv", (sys.executable, "setup/bootstrap.py")),
    Step("fetch qwen2.5-coder-1.5b", (LREV, "models", "pull", "qwen2.5-coder-1.5b")),
    Step("fetch all-minilm-l6-v2", (LREV, "models", "pull", "all-minilm-l6-v2")),
    Step("distil minilm-static", (LREV, "models", "pull", "minilm-static")),
    Step("make the mail archive", (sys.executable, "examples/make_archive.py", ARCHIVE)),
    Step(
        "index examples/",
        (LREV, "index", "--index", INDEX, "--tree", TREE, "--docs", f"{TREE}/Documentation", "--mail", ARCHIVE),
    ),
    review("pebble-lantern-series.mbox"),
    review("clean.patch"),
)


def run(step: Step) -> Outcome:
    print(f"\n== {step.name}: {' '.join(step.command)}", file=sys.stderr, flush=True)
    started = time.monotonic()
    child = subprocess.Popen(step.command, cwd=ROOT, stdout=None if step.replies else sys.stderr)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)  # reaped here, so Popen must not wait again
    return Outcome(step, time.monotonic() - started, usage.ru_maxrss * 1024, child.returncode)


def print_table(outcomes: list[Outcome]) -> None:
    width = max(len(outcome.step.name) for outcome in outcomes)
    print(f"\n{'step':<{width}}  {'seconds':>8}  {'peak MB':>8}", file=sys.stderr)
    for outcome in outcomes:
        mark = "" if outcome.exit_code == 0 else f"  failed with {outcome.exit_code}"
        numbers = f"{outcome.seconds:8.1f}  {outcome.peak_bytes / MB:8.0f}"
        print(f"{outcome.step.name:<{width}}  {numbers}{mark}", file=sys.stderr)
    total, peak = sum(outcome.seconds for outcome in outcomes), max(outcome.peak_bytes for outcome in outcomes)
    print(f"{'all':<{width}}  {total:8.1f}  {peak / MB:8.0f}", file=sys.stderr)


def main() -> int:
    outcomes: list[Outcome] = []
    try:
        for step in STEPS:
            outcomes.append(run(step))
            if outcomes[-1].exit_code:
                break
    except KeyboardInterrupt:
        return 130
    print_table(outcomes)
    return outcomes[-1].exit_code


if __name__ == "__main__":
    sys.exit(main())
