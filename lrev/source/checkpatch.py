"""The tree's own scripts/checkpatch.pl, run only when it is asked for: it is a program that the tree brings.

It gets an empty directory for HOME and to stand in, so that no .checkpatch.conf of anybody takes part.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lrev.errors import MachineError, UsageError
from lrev.source.patch_text import patch_text
from lrev.types import Patch, Suspicion

NAME = "checkpatch"
SCRIPT = Path("scripts/checkpatch.pl")

_LIMIT_SECONDS = 120
_OPTIONS = ("--terse", "--showfile", "--no-summary", "--no-color", "--show-types", "--no-signoff")
# `drivers/lamp.c:12: WARNING:LONG_LINE: line length of 120 exceeds 100 columns`
_LINE = re.compile(
    r"(?P<path>[^:\n]*):(?P<line>\d+): (?P<level>ERROR|WARNING|CHECK):(?P<type>[A-Z0-9_]+): (?P<text>.*)"
)


def checkpatch(root: Path, patch: Patch) -> Iterator[Suspicion]:
    """What it says of lines of the patch's files. Raises UsageError for a tree without it, MachineError if it fails."""
    script = root / SCRIPT
    if not script.is_file():
        raise UsageError(f"tree '{root}' has no '{SCRIPT}'", "name a kernel's work tree with --tree")
    for found in map(_LINE.fullmatch, _run(script, root, patch_text(patch)).splitlines()):
        if found is not None and any(diff.path == found["path"] for diff in patch.files):
            mechanism = f"{found['level'].lower()}: {found['type'].lower().replace('_', ' ')}"
            line = int(found["line"])
            yield Suspicion(NAME, mechanism, found["path"], "", line, found["text"], (), subject=found["type"])


def _run(script: Path, root: Path, text: str) -> str:
    with tempfile.TemporaryDirectory(prefix="lrev-checkpatch-") as empty:
        environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": empty, "LC_ALL": "C.UTF-8"}
        command = ["perl", str(script), f"--root={root}", *_OPTIONS, "-"]
        try:
            done = subprocess.run(
                command,
                input=text.encode("utf-8", "surrogateescape"),
                capture_output=True,
                cwd=empty,
                env=environment,
                timeout=_LIMIT_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise MachineError("checkpatch needs perl, which is not installed") from error
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"checkpatch took longer than {_LIMIT_SECONDS} seconds") from error
    # It exits 1 when it has found something, and more when it could not run.
    if done.returncode not in {0, 1}:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise MachineError(f"checkpatch failed: {said or f'exit {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")
