"""Where a function or macro hands its own parameter on, and so what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lrev.source.c_gfp import MAX_PARAMETERS
from lrev.source.c_guards import Guard
from lrev.source.c_rows import ARGUMENT_SHIFT, PARAMETER_SHIFT, Pass, PassFlag

_EMBEDDED = re.compile(rb"&\s*\(?\s*(\w+)\s*\)?\s*->\s*[\w.]+(?:\[[^\]]*\])?")
_FLAGS = {
    Guard.NONE: 0,
    Guard.FAILURE: int(PassFlag.FAILURE),
    Guard.LOOP: int(PassFlag.GUARDED),
    Guard.BRANCH: int(PassFlag.GUARDED),
}


def passes(
    callee: str, caller: str, line: int, arguments: tuple[bytes, ...], positions: Mapping[bytes, int], guard: Guard
) -> Iterator[Pass]:
    for argument, text in enumerate(arguments[:MAX_PARAMETERS]):
        at, flags = positions.get(text), _FLAGS[guard]
        if at is None and text[:1] == b"&":
            embedded = _EMBEDDED.fullmatch(text)
            at = positions.get(embedded[1]) if embedded else None
            flags |= PassFlag.EMBEDDED
        if at is not None:
            yield Pass(callee, caller, line, flags | argument << ARGUMENT_SHIFT | at << PARAMETER_SHIFT)
