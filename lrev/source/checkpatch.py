"""The tree's own scripts/checkpatch.pl, run only when it is asked for: it is a program that the tree brings.

It stands in an empty directory, so that no .checkpatch.conf of anybody takes part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrev.errors import MachineError, UsageError
from lrev.source.patch_text import patch_text
from lrev.source.programs import Said, covered, run
from lrev.source.tree import Tree
from lrev.types import Patch, Suspicion

NAME = "checkpatch"
SCRIPT = Path("scripts/checkpatch.pl")

_OPTIONS = ("--terse", "--showfile", "--no-summary", "--no-color", "--show-types", "--no-signoff")
# `drivers/lamp.c:12: WARNING:LONG_LINE: line length of 120 exceeds 100 columns`
_LINE = re.compile(
    r"(?P<path>[^:\n]*):(?P<line>\d+): (?P<level>ERROR|WARNING|CHECK):(?P<type>[A-Z0-9_]+): (?P<text>.*)"
)


def checkpatch(root: Path, patch: Patch, _: Tree) -> Said:
    """What it says of lines of the patch's files. Raises UsageError for a tree without it, MachineError if it fails."""
    script = root / SCRIPT
    if not script.is_file():
        raise UsageError(f"tree '{root}' has no '{SCRIPT}'", "name a kernel's work tree with --tree")
    done = run(NAME, ["perl", str(script), f"--root={root}", *_OPTIONS, "-"], given=patch_text(patch))
    # It exits 1 when it has found something, and more when it could not run.
    if done.status not in {0, 1}:
        raise MachineError(f"checkpatch failed: {done.last_words}")
    return Said(tuple(_found(done.output, patch)), (covered(NAME, "the patch"),))


def _found(output: str, patch: Patch) -> Iterator[Suspicion]:
    for found in map(_LINE.fullmatch, output.splitlines()):
        if found is not None and any(diff.path == found["path"] for diff in patch.files):
            mechanism = f"{found['level'].lower()}: {found['type'].lower().replace('_', ' ')}"
            line = int(found["line"])
            yield Suspicion(NAME, mechanism, found["path"], "", line, found["text"], (), subject=found["type"])
