"""Which kernel a tree is, by the first lines of its Makefile."""

from __future__ import annotations

import re

from lrev.source.tree import Tree

_PARTS = ("VERSION", "PATCHLEVEL", "SUBLEVEL")


def kernel_version(tree: Tree) -> str:
    """Such as 6.1.192 or 6.12.3-rc1; "" for a tree that is no kernel."""
    text = (tree.read("Makefile") or b"").decode("utf-8", "replace")
    numbers = [_value(text, part) for part in _PARTS]
    return ".".join(numbers) + _value(text, "EXTRAVERSION") if all(numbers[:2]) else ""


def _value(text: str, name: str) -> str:
    found = re.search(rf"^{name}\s*=[ \t]*(\S*)", text, re.MULTILINE)
    return found[1] if found else ""
