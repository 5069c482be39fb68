"""sparse over the post-images of a patch, with what the tree's configuration passes to it, run only on request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lrev.errors import UsageError
from lrev.source.changed import added_lines
from lrev.source.kbuild import architecture, flags, is_configured
from lrev.source.programs import Said, TookTooLong, covered, laid_out, run
from lrev.source.tree import Tree, is_text, laid_over
from lrev.types import Coverage, Patch, Suspicion

NAME = "sparse"

# As the kernel's Makefile asks for; without a limit, for the first hundred may all be of headers.
_OPTIONS = ("-nostdinc", "-Wbitwise", "-Wno-return-void", "-Wno-unknown-attribute", "-fmax-warnings=unlimited")
_DEFINED = ("__linux__", "linux", "__STDC__", "unix", "__unix__")
# `drivers/lamp.c:12:5: warning: incorrect type in argument 1`, then lines `drivers/lamp.c:12:5:    got int`.
_LINE = re.compile(r"(?P<path>[^:\n]+):(?P<line>\d+):\d+: (?P<level>warning|error): (?P<text>.*)")
# Behind these it does not look at what the code means; other errors are of one place.
_FATAL = ("unable to open", "Expected")
_MORE = re.compile(r"[^:\n]+:\d+:\d+:\s{2,}(?P<text>\S.*)")


def sparse(root: Path, patch: Patch, tree: Tree) -> Said:
    """What it says of added lines. Raises UsageError for a tree that is not configured, MachineError without sparse."""
    if not is_configured(root):
        raise UsageError(f"tree '{root}' is not configured", "sparse needs its headers: make defconfig prepare")
    files = {path: data for path, data in laid_over(tree).items() if is_text(path)}
    changed = [diff for diff in patch.files if diff.path.endswith(".c") and diff.path in files]
    if not changed:
        return Said((), (covered(NAME, "the patch", "it changes no C file"),))
    found: list[Suspicion] = []
    coverage: list[Coverage] = []
    with laid_out(NAME, files) as top:
        for diff in changed:
            command = [NAME, *_OPTIONS, *_machine(root), *flags(root, diff.path, top), diff.path]
            try:
                done = run(NAME, command, standing=top)
            except TookTooLong as error:
                coverage.append(covered(NAME, diff.path, error.message))
                continue
            said = tuple(_said(done.errors.replace(f"{top}/", "").replace(f"{root}/", "")))
            coverage.append(covered(NAME, diff.path, _unread(said)))
            found += _found(said, patch)
    return Said(tuple(dict.fromkeys(found)), tuple(coverage))


def _machine(root: Path) -> Iterator[str]:
    own, config = architecture(root), (root / ".config").read_text(errors="replace").split("\n")
    yield from (f"-D{name}" for name in _DEFINED)
    yield f"--arch={own}"
    yield "-m64" if "CONFIG_64BIT=y" in config else "-m32"
    yield "-mbig-endian" if "CONFIG_CPU_BIG_ENDIAN=y" in config else "-mlittle-endian"


@dataclass(frozen=True, slots=True)
class _Remark:
    path: str
    line: int
    level: str
    text: str


def _said(errors: str) -> Iterator[_Remark]:
    """With its further lines joined to each."""
    last: _Remark | None = None
    for line in errors.splitlines():
        one, more = _LINE.fullmatch(line), _MORE.fullmatch(line)
        if one is not None:
            if last is not None:
                yield last
            last = _Remark(one["path"], int(one["line"]), one["level"], one["text"])
        elif more is not None and last is not None:
            last = replace(last, text=f"{last.text}; {' '.join(more['text'].split())}")
    if last is not None:
        yield last


def _unread(said: tuple[_Remark, ...]) -> str:
    errors = (one for one in said if one.level == "error" and one.text.startswith(_FATAL))
    return next((f"{one.path}:{one.line}: {one.text}" for one in errors), "")


def _found(said: tuple[_Remark, ...], patch: Patch) -> Iterator[Suspicion]:
    added = {diff.path: added_lines(diff) for diff in patch.files}
    for one in said:
        if one.line in added.get(one.path, ()):
            yield Suspicion(NAME, one.level, one.path, "", one.line, f"{one.text}.", (), subject=one.level)
