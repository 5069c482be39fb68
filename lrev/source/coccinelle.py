"""The tree's own scripts/coccinelle, each in report mode over the post-images, run only when they are asked for.

The scripts are programs that the tree brings: their reports are made in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrev.errors import UsageError
from lrev.source.changed import added_lines
from lrev.source.kbuild import include_folders
from lrev.source.programs import Said, TookTooLong, covered, laid_out, run
from lrev.source.tree import Tree, is_text
from lrev.types import Coverage, Patch, Suspicion

NAME = "coccinelle"
PROGRAM = "spatch"
SCRIPTS = Path("scripts/coccinelle")

_MODE = ("-D", "report", "--very-quiet", "--no-show-diff")
_REPORTS = re.compile(r"^virtual\b.*\breport\b", re.MULTILINE)
_OPTIONS = re.compile(r"^//[/#]?\s*Options:(.*)$", re.MULTILINE)
# What scripts may ask for: which headers are read, and how loops are. Others name files or programs.
_INCLUDES = {f"--{which}-includes" for which in ("no", "all", "local", "recursive")}
_ALLOWED = _INCLUDES | {"--include-headers", "--no-loops"}
# `./drivers/lamp.c:12:1-5: WARNING: Unneeded semicolon`
_LINE = re.compile(r"(?:\./)?(?P<path>[^:\n]+):(?P<line>\d+):\d+-\d+: (?P<text>.*)")


def coccinelle(root: Path, patch: Patch, tree: Tree) -> Said:
    """What the scripts say of added lines. Raises UsageError for a tree without them, MachineError without spatch."""
    scripts = tuple(_scripts(root))
    if not scripts:
        raise UsageError(f"tree '{root}' has no '{SCRIPTS}'", "name a kernel's work tree with --tree")
    images = {diff.path: tree.read(diff.path) for diff in patch.files if diff.path.endswith((".c", ".h"))}
    files = {path: data for path, data in images.items() if data is not None and is_text(path)}
    if not files:
        return Said((), (covered(NAME, "the patch", "it changes no C file"),))
    found: list[Suspicion] = []
    coverage: list[Coverage] = []
    with laid_out(NAME, files) as top:
        for script in scripts:
            name = script.relative_to(root).as_posix()
            try:
                done = run(NAME, _command(root, script), standing=top)
            except TookTooLong as error:
                coverage.append(covered(NAME, name, error.message))
                continue
            coverage.append(covered(NAME, name, done.last_words if done.status != 0 else ""))
            found += _found(done.output, script.stem, patch)
    return Said(tuple(dict.fromkeys(found)), tuple(coverage))


def _scripts(root: Path) -> Iterator[Path]:
    for script in sorted((root / SCRIPTS).rglob("*.cocci")):
        if _REPORTS.search(script.read_text(errors="replace")):
            yield script


def _command(root: Path, script: Path) -> list[str]:
    """Over each file by itself, as `make coccicheck` does."""
    asked = " ".join(_OPTIONS.findall(script.read_text(errors="replace"))).split()
    options = [word for word in asked if word in _ALLOWED]
    places = [word for folder in include_folders(root) for word in ("-I", str(root / folder))]
    return [PROGRAM, *_MODE, *options, "--cocci-file", str(script), "--dir", ".", *places]


def _found(output: str, script: str, patch: Patch) -> Iterator[Suspicion]:
    added = {diff.path: added_lines(diff) for diff in patch.files}
    for found in map(_LINE.fullmatch, output.splitlines()):
        if found is not None and int(found["line"]) in added.get(found["path"], ()):
            yield Suspicion(NAME, script, found["path"], "", int(found["line"]), found["text"], (), subject=script)
