"""Names that a patch needs and that the tree it is for does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lrev.source.c_names import names_on
from lrev.source.changed import added_lines
from lrev.types import DiffLineKind, Patch

_SUFFIXES = (".c", ".h")


@dataclass(frozen=True, slots=True)
class Needed:
    """`line` of the post-image of `path` is the first that uses `name`."""

    name: str
    path: str
    line: int


def needed(
    patch: Patch, read: Callable[[str], bytes | None], exists: Callable[[str], bool], before: Iterable[Patch]
) -> tuple[Needed, ...]:
    """Each name once. `read` gives post-images, `exists` looks a name up exhaustively in the tree as it was; what the
    patch declares itself and what the patches `before` it in its series bring is not missing.
    """
    found: dict[str, Needed] = {}
    declared: set[str] = {name for one in before for name in _brought(one)}
    for diff in patch.files:
        lines, after = added_lines(diff), read(diff.path) if diff.path.endswith(_SUFFIXES) else None
        if after is not None and lines:
            names = names_on(after, lines)
            declared |= names.declared
            for name, line in names.used.items():
                found.setdefault(name, Needed(name, diff.path, line))
    return tuple(one for one in found.values() if one.name not in declared and not exists(one.name))


def _brought(patch: Patch) -> Iterator[str]:
    """All that its added lines name, read by themselves: what it only uses is told of with that patch."""
    for diff in patch.files:
        added = [line.text for hunk in diff.hunks for line in hunk.lines if line.kind is DiffLineKind.ADDED]
        text = "\n".join(added).encode("utf-8", "surrogateescape")
        yield from names_on(text, frozenset(range(1, len(added) + 1))).used
