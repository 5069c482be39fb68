"""Whether the callers of a function look at what it returns, read from the lines on which they call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lrev.indexing.reader import Index
    from lrev.source.tree import Tree

# Enough to tell a habit from an accident; each may mean a file to be read.
_CALLS = 60
# The call begins its line, and the line above ended a statement, opened a block or ended a condition's parentheses.
_ENDS_STATEMENT = re.compile(r"(?:[;{}:)]|\belse|\bdo|\*/)\s*$")


def results_used(index: Index, tree: Tree, name: str) -> tuple[int, int]:
    """(calls whose result goes somewhere, calls that were looked at)."""
    used = of = 0
    call = re.compile(rf"(?<![\w.>]){re.escape(name)}\s*\(")
    for site in index.callers(name, _CALLS):
        data = tree.read(site.path)
        lines = data.decode("utf-8", "replace").split("\n") if data is not None else []
        at = site.call.line - 1
        met = call.search(lines[at]) if at < len(lines) else None
        if met is None:
            continue
        of += 1
        before = lines[at][: met.start()].strip()
        above = next((one for one in reversed(lines[:at]) if one.strip()), ";")
        used += bool(before) or _ENDS_STATEMENT.search(above) is None
    return used, of
