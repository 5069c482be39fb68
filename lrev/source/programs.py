"""Running a checker that is not ours: only on request, with an empty directory for HOME, and never in the tree.

What it is given to read is the patch, or the post-images of its files in a directory that is gone afterwards.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import MachineError
from lrev.paths import below
from lrev.types import Coverage, ReadState, Suspicion

KIND = "program"
# Of one run; the slowest of those that are known needs a tenth of it for the largest file.
LIMIT_SECONDS = 120


class TookTooLong(MachineError):
    """A program did not end within LIMIT_SECONDS."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said of lines of a patch, and what it read and could not read."""

    found: tuple[Suspicion, ...]
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """`errors` is what it wrote to stderr."""

    status: int
    output: str
    errors: str

    @property
    def last_words(self) -> str:
        return self.errors.strip().split("\n")[-1] or f"exit {self.status}"


def covered(name: str, subject: str, why: str = "") -> Coverage:
    """Read by the program unless there is a reason why not."""
    return Coverage(KIND, subject, ReadState.NOT_READ if why else ReadState.READ, name, why)


def run(name: str, command: Sequence[str], *, given: str = "", standing: Path | None = None) -> Done:
    """Stands in an empty directory unless told where. Raises MachineError when it is not installed, TookTooLong."""
    with tempfile.TemporaryDirectory(prefix=f"lrev-{name}-") as empty:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": empty, "TMPDIR": empty, "LC_ALL": "C.UTF-8"}
        try:
            done = subprocess.run(
                command,
                input=given.encode("utf-8", "surrogateescape"),
                capture_output=True,
                cwd=standing or empty,
                env=environment,
                timeout=LIMIT_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise MachineError(f"{name} needs {command[0]}, which is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise TookTooLong(f"{name} took longer than {LIMIT_SECONDS} seconds") from error
    output, errors = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return Done(done.returncode, output, errors)


@contextmanager
def laid_out(name: str, files: Mapping[str, bytes]) -> Iterator[Path]:
    """A directory with these files in their folders. Raises InputError for a path that leads outside of it."""
    with tempfile.TemporaryDirectory(prefix=f"lrev-{name}-files-") as directory:
        top = Path(directory).resolve()
        for path, data in files.items():
            target = below(top, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        yield top
