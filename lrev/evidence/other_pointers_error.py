"""One pointer found to be an error, and the error code taken from another."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import walk

NAME = "other-pointers-error"
MECHANISM = "error code of another pointer"

_TESTED = re.compile(r"\(?\s*(?:unlikely\s*\(\s*)?IS_ERR(?:_OR_NULL)?\s*\(\s*([\w.>\[\]-]+)\s*\)\s*\)?\s*\)?")
_TAKEN = re.compile(r"\b(?:PTR_ERR|ERR_CAST|PTR_ERR_OR_ZERO)\s*\(\s*([\w.>\[\]-]+)\s*\)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each branch that is entered when `a` is an error and returns that of `b`, which nothing there set."""
    if b"IS_ERR" not in image.data:
        return
    for node in walk(image.node):
        if node.type != "if_statement":
            continue
        condition, branch = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        tested = _TESTED.fullmatch(image.written(condition)) if condition is not None else None
        if condition is None or branch is None or tested is None:
            continue
        written = image.written(branch)
        taken = dict.fromkeys(_TAKEN.findall(written))
        others = [one for one in taken if not re.search(rf"{re.escape(one)}\s*=[^=]", written)]
        if taken and tested[1] not in taken and others:
            other = others[0]
            message = f"`{tested[1]}` is the error here, and the code is taken from `{other}`."
            ending = f"takes that of `{other}`"
            yield defect(NAME, MECHANISM, tested[1], (condition, branch), f"tests `{tested[1]}`", ending, message)
