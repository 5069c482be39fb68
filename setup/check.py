"""`make check`: every checker runs, each failing by name."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent

CHECKS = (
    ("ruff check", ("ruff", "check", "--quiet", "--output-format", "concise", ".")),
    ("ruff format", ("ruff", "format", "--check", "--quiet", "--output-format", "concise", ".")),
    ("mypy --strict", ("mypy", "--strict", "--no-error-summary")),
    ("import-linter", ("lint-imports", "--no-logo")),
)


def main() -> int:
    failed = []
    for name, (program, *arguments) in CHECKS:
        started = time.monotonic()
        result = subprocess.run([PROGRAMS / program, *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
        outcome = "FAILED" if result.returncode else "ok"
        if result.returncode:
            print(f"{result.stdout}{result.stderr}".strip())
            failed.append(name)
        print(f"{name}: {outcome} ({time.monotonic() - started:.1f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
