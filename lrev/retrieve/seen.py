"""The files that passages are taken from: those of the indexed tree, and what a series makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lrev.source.line_map import LineMap
from lrev.source.mail_text import decode_bytes
from lrev.source.tree import Tree
from lrev.types import Span


@dataclass(frozen=True, slots=True)
class Seen:
    """`tree` is as indexed; `changed` are the files a series changes, as it leaves them (None: deleted).

    Spans that the index gives are those of `tree`; `where` says where the same lines stand now.
    """

    tree: Tree
    changed: Mapping[str, bytes | None]
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _maps: dict[str, LineMap] = field(default_factory=dict)

    def lines(self, path: str) -> list[str]:
        """Of the file as it is now; [] when it is not there."""
        if path not in self._lines:
            data = self.changed[path] if path in self.changed else self.tree.read(path)
            self._lines[path] = _split(data)
        return self._lines[path]

    def where(self, path: str, span: Span) -> Span | None:
        """None when a change took all of it away."""
        if path not in self.changed:
            return span
        if path not in self._maps:
            self._maps[path] = LineMap.of(_split(self.tree.read(path)), self.lines(path))
        return self._maps[path].span(span)

    def text(self, path: str, span: Span) -> str:
        """Lines as they are now, by their numbers now."""
        return "\n".join(self.lines(path)[span.start - 1 : span.end])


def _split(data: bytes | None) -> list[str]:
    return decode_bytes(data).split("\n") if data is not None else []
