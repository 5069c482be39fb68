"""An object freed whose work item, timer or tasklet may still run: nothing in the file ever waits for it or ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import arguments, bare, callee, target, walk

NAME = "alive-after-free"
MECHANISM = "freed while its work or timer may run"

_FREES = frozenset({"kfree", "kvfree", "kfree_sensitive", "vfree", "free_netdev", "free_candev"})
_OF_NETDEV = frozenset({"free_netdev", "free_candev"})
_RUNS = {
    "struct work_struct": "work item",
    "struct delayed_work": "work item",
    "struct timer_list": "timer",
    "struct hrtimer": "timer",
    "struct tasklet_struct": "tasklet",
}
# `%s` is the member. Who arms it, and with what function it runs.
_ARMED = (
    rb"\b(?:(?:schedule|queue|mod)_(?:delayed_)?work\w*|mod_timer\w*|add_timer\w*|hrtimer_start\w*|tasklet_\w*schedule)"
    rb"\s*\([^;]*(?:->|\.)%s\b"
)
_SET_UP = (
    rb"\b(?:INIT_(?:DELAYED_|DEFERRABLE_)?WORK\w*|timer_setup\w*|tasklet_(?:init|setup))\s*"
    rb"\([^;,]*(?:->|\.)%s\s*,\s*(\w+)"
)
# Whoever names it in a call of such a name, or waits for a whole queue, may end it.
_ENDED = rb"\b\w*(?:cancel|flush|disable|del_timer|delete|shutdown|kill|stop|destroy|drain)\w*\s*\([^;]*(?:->|\.)%s\b"
_QUEUE_ENDED = re.compile(rb"\b(?:destroy_workqueue|flush_workqueue|drain_workqueue|flush_scheduled_work)\s*\(")
_PRIVATE = re.compile(rb"struct\s+(\w+)\s*\*\s*\w+\s*=\s*netdev_priv\s*\(")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each freed object that this function has not made itself, and each member that may run."""
    if b"free" not in image.data:
        return
    expressions = image.expressions
    made = {image.written(taker) for taker in map(target, _calls(image)) if taker is not None}
    for call in _calls(image):
        name, passed = callee(call, image.data), arguments(call)
        if name not in _FREES or not passed:
            continue
        freed = bare(passed[0])
        shown = image.written(freed)
        kind = expressions.type(freed)
        base = _private(image) if name in _OF_NETDEV else kind.base if kind is not None and kind.stars == 1 else ""
        if shown in made or not base:
            continue
        for member in expressions.members(base):
            if member.type.is_plain and member.type.base in _RUNS and _may_run(image, member.name):
                yield _defect(call, name, shown, f"{base}: `{member.name}`", _RUNS[member.type.base])


def _calls(image: FunctionImage) -> Iterator[Node]:
    return (node for node in walk(image.node) if node.type == "call_expression")


def _private(image: FunctionImage) -> str:
    """What the file takes for the private part of its net devices."""
    found = set(_PRIVATE.findall(image.file))
    return f"struct {found.pop().decode()}" if len(found) == 1 else ""


def _may_run(image: FunctionImage, member: str) -> bool:
    """Set up and armed in this file, never ended in it, and not run by the one who frees."""
    name = re.escape(member.encode())
    if _QUEUE_ENDED.search(image.file) or re.search(_ENDED % name, image.file):
        return False
    run_by = {found.decode() for found in re.findall(_SET_UP % name, image.file)}
    if not run_by or not re.search(_ARMED % name, image.file):
        return False
    return not any(_frees_itself(image, function) for function in run_by)


def _frees_itself(image: FunctionImage, function: str) -> bool:
    """Whether the last run is what frees the object, so that nothing can run after it."""
    if function == image.name:
        return True
    bodies = image.knowledge.bodies(function, image.path)
    return not bodies or any(re.search(rb"free|put|\b%s\s*\(" % image.name.encode(), body) for body in bodies)


def _defect(call: Node, frees: str, shown: str, member: str, what: str) -> Defect:
    message = (
        f"{frees}() frees `{shown}`, whose {what} ({member}) is armed in this file, and nothing in it cancels it or "
        "waits for it: it may run on freed memory."
    )
    return defect(NAME, MECHANISM, shown, (call,), "freed here", "freed here", message)
