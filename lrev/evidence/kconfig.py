"""Configuration symbols that a patch asks for and that nothing defines: the code behind them is never built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from lrev.types import DiffLineKind, FileDiff, Patch, Suspicion

NAME = "kconfig"
MECHANISM = "configuration symbol that nothing defines"

_USED = re.compile(r"(?<![\w-])CONFIG_([A-Z0-9][A-Z0-9_]+)\b")
_MENTIONS = re.compile(r"^\s*(?:depends on|select|imply|visible if|if)\s+(.*)$")
_NAME = re.compile(r"\b[A-Z][A-Z0-9_]{2,}\b")
_DEFINES = re.compile(r"^\s*(?:menu)?config\s+([A-Za-z0-9_]+)\s*$")
_COMMENT = re.compile(r"^\s*(?:\*|//|/\*)|/\*.*|//.*")
_C_SUFFIXES = {".c", ".h", ".S"}


def check(patch: Patch, is_defined: Callable[[str], bool]) -> Iterator[Suspicion]:
    """One for each symbol, at the first line that uses it. `is_defined` is asked with CONFIG_ in front."""
    own = {f"CONFIG_{name}" for name in _defined_here(patch)}
    told: set[str] = set()
    for diff in patch.files:
        for number, name in _used(diff):
            if name not in own and name not in told and not is_defined(name.removesuffix("_MODULE")):
                told.add(name)
                message = f"no Kconfig file defines {name.removeprefix('CONFIG_')}, so this is never true."
                yield Suspicion(NAME, MECHANISM, diff.path, "", number, message, (), subject=name)


def _defined_here(patch: Patch) -> Iterator[str]:
    for diff in patch.files:
        for hunk in diff.hunks:
            for line in hunk.lines:
                found = _DEFINES.match(line.text) if line.kind is not DiffLineKind.REMOVED else None
                if found is not None:
                    yield found[1]


def _used(diff: FileDiff) -> Iterator[tuple[int, str]]:
    """(line, name) of what added lines use: of C and Makefiles CONFIG_X, of Kconfig what is depended on."""
    path = PurePosixPath(diff.path)
    is_kconfig = path.name.startswith("Kconfig")
    if not (is_kconfig or path.suffix in _C_SUFFIXES or path.name in {"Makefile", "Kbuild"}):
        return
    for hunk in diff.hunks:
        for line in hunk.lines:
            if line.kind is not DiffLineKind.ADDED or line.new is None:
                continue
            if not is_kconfig:
                yield from ((line.new, f"CONFIG_{name}") for name in _USED.findall(_COMMENT.sub("", line.text)))
            elif (mentioned := _MENTIONS.match(line.text.partition("#")[0])) is not None:
                yield from ((line.new, f"CONFIG_{name}") for name in _NAME.findall(_unquoted(mentioned[1])))


def _unquoted(text: str) -> str:
    return re.sub(r'"[^"]*"|\$\([^)]*\)', "", text)
