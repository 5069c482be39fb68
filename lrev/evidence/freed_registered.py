"""kfree() of something whose embedded device or kobject counts its references already: the last put has to free it.

Documentation/core-api/kobject.rst: once it is initialised, put it, also when adding it failed, or its name leaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.places import root, sets
from lrev.source.c_nodes import arguments, bare, callee, walk
from lrev.source.control_flow import Path

NAME = "freed-registered"
MECHANISM = "counted object freed"

# They count references from then on, whatever they return: the position of the object.
_COUNTS = {
    **dict.fromkeys(("device_register", "device_initialize", "platform_device_register"), 0),
    **dict.fromkeys(("kobject_init", "kobject_init_and_add", "kobject_register"), 0),
}
_FREES = frozenset({"kfree", "kvfree", "kfree_sensitive"})
_PUTS = re.compile(r"put|unregister|_del$")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and object that was not put before."""
    if not any(name.encode() in image.data for name in _COUNTS) or b"free" not in image.data:
        return
    for path in image.paths:
        yield from _follow(image, path)


def _follow(image: FunctionImage, path: Path) -> Iterator[Defect]:
    counted: dict[str, tuple[int, str]] = {}
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        for call in walk(step.node):
            name = callee(call, image.data) if call.type == "call_expression" else ""
            passed = [image.written(bare(one)).lstrip("&").strip("()") for one in arguments(call)]
            if name in _FREES and passed and passed[0] in counted:
                start, by = counted.pop(passed[0])
                yield _defect(path[: position + 1], start, passed[0], by, name)
            elif name in _COUNTS and passed:
                counted[root(passed[0])] = position, name
            elif _PUTS.search(name):
                for one in passed:
                    counted.pop(root(one), None)
        for variable in [one for one in counted if counted[one][0] != position and sets(image, step, one)]:
            del counted[variable]


def _defect(path: Path, start: int, variable: str, by: str, frees: str) -> Defect:
    message = (
        f"{by}() has begun to count references of what `{variable}` holds, whether or not it worked: the last put has "
        f"to free it, not {frees}()."
    )
    return Defect(NAME, MECHANISM, variable, path, start, f"{by}() of `{variable}`", message, ending="freed here")
