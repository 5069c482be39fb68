"""A call that may sleep where sleeping is not allowed: in the function itself, or because of where it is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lrev.evidence.atomic import AtomicCall, atomic_calls, may_be_atomic
from lrev.evidence.defect import Defect, FunctionImage, read_image
from lrev.evidence.knowledge import Caller
from lrev.evidence.plain import defect
from lrev.evidence.sleeping import sleeps
from lrev.source.c_code import functions, parse
from lrev.source.c_nodes import callee, line, walk
from lrev.source.control_flow import Path

NAME = "sleep-in-atomic"
MECHANISM = "sleeping call in atomic context"


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each call and path; what a callee is only said to do on some paths is not held against it."""
    if may_be_atomic(image):
        for path in image.paths:
            for one in atomic_calls(image, path):
                if why := sleeps(image, one.call, one.name):
                    yield _defect(image, path, one, why)
    yield from _for_callers(image)


def _defect(image: FunctionImage, path: Path, one: AtomicCall, why: str) -> Defect:
    taken = image.line(path[one.start])
    message = f"{one.name}() may sleep ({why}), and {one.shown}, taken at line {taken}, is held here."
    begins = f"takes {one.shown}"
    subject = f"{one.name} {one.lock}"
    return Defect(NAME, MECHANISM, subject, path[: one.position + 1], one.start, begins, message, (why,), "sleeps here")


def _for_callers(image: FunctionImage) -> Iterator[Defect]:
    """Of calls on changed lines alone, the first that sleeps, if a caller of the function may not.

    A function that unlocks anything may drop what its caller holds before it sleeps.
    """
    if b"unlock" in image.data:
        return
    for call in walk(image.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        if not name or line(call) + image.first_line - 1 not in image.changed:
            continue
        why = sleeps(image, call, name)
        if not why:
            continue
        for caller in image.knowledge.callers(image.name, image.path):
            if where := _held_around(image, caller):
                message = f"{name}() may sleep ({why}), and {where}."
                begins, subject = f"calls {name}()", f"{name} of callers"
                found = defect(NAME, MECHANISM, subject, (call,), begins, "sleeps here", message)
                yield replace(found, rests_on=(where,))
                return
        return


def _held_around(image: FunctionImage, caller: Caller) -> str:
    """Where a caller calls the function with a lock held that forbids to sleep, in words."""
    (source, *_) = functions(parse(caller.text)) or (None,)
    above = read_image(source, caller.text, image.knowledge, caller.path) if source is not None else None
    if above is None or not may_be_atomic(above):
        return ""
    for path in above.paths:
        for one in atomic_calls(above, path):
            if one.name == image.name:
                at = path[one.position].line + caller.first_line - 1
                return f"{caller.name}() calls {image.name}() with {one.shown} held ({caller.path}:{at})"
    return ""
