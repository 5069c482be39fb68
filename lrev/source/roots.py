"""Where a kernel tree begins."""

from __future__ import annotations

from pathlib import Path

# All of these stand at the top of a kernel tree, and nowhere else together.
_ROOT_MARKS = ("MAINTAINERS", "Kbuild")


def kernel_root(directory: Path) -> tuple[Path, str]:
    """The top of the kernel tree that `directory` lies in, and its path below; itself and "" if it lies in none."""
    resolved = directory.resolve()
    for candidate in (resolved, *resolved.parents):
        if all((candidate / mark).is_file() for mark in _ROOT_MARKS):
            return candidate, path_below(candidate, resolved)
    return resolved, ""


def path_below(root: Path, directory: Path) -> str:
    """ "" for the root itself."""
    return "" if directory == root else directory.relative_to(root).as_posix()
