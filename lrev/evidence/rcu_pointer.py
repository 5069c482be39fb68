"""A pointer that RCU protects, followed after the read section in which it was looked up has ended.

Documentation/RCU/rcu_dereference.rst: what rcu_dereference() gave may be gone once rcu_read_unlock() has run, unless
a reference was taken before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.pointers import follows
from lrev.source.c_nodes import arguments, bare, callee, target, walk
from lrev.source.control_flow import Path, Step
from lrev.source.flow_values import effects

NAME = "rcu-pointer"
MECHANISM = "RCU pointer followed after its read section"

_BEGINS = re.compile(r"rcu_read_lock(?:_bh|_sched)?|srcu_read_lock")
_ENDS = re.compile(r"rcu_read_unlock(?:_bh|_sched)?|srcu_read_unlock")
# What is looked up in a read section and protected by nothing else.
_LOOKS_UP = re.compile(
    r"rcu_dereference(?:_bh|_sched|_check|_raw)?|srcu_dereference\w*|ieee80211_find_sta\w*|dev_get_by_\w+_rcu|"
    r"__in_dev_get_rcu|__in6_dev_get|fib_lookup|find_task_by_\w+|pid_task|radix_tree_lookup|netdev_master_upper_dev_get_rcu|"
    r"\w+_(?:lookup|find|get|next|first)\w*_rcu"
)
# A callee that takes a reference, or asks for one, on what it is given.
_KEEPS = re.compile(r"get|hold|ref|pin|grab|dup|lock|inc_not_zero|try")
# Sections that the caller began, or that another lock makes superfluous.
_OTHERWISE = re.compile(rb"\brtnl_lock\b|\bASSERT_RTNL\b|\blockdep_is_held\b|_protected\s*\(")


@dataclass(slots=True)
class _Section:
    """Nesting on one path, and the pointers looked up in it, by the step that did so."""

    depth: int = 0
    inside: dict[str, int] = field(default_factory=dict)
    expired: dict[str, tuple[int, int]] = field(default_factory=dict)


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each path and pointer."""
    if b"rcu_read_unlock" not in image.data or _OTHERWISE.search(image.data):
        return
    for path in image.paths:
        yield from _follow(image, path)


def _follow(image: FunctionImage, path: Path) -> Iterator[Defect]:
    section = _Section()
    for position, step in enumerate(path):
        if step.node.type == "compound_statement":
            continue
        for variable, (start, ended) in list(section.expired.items()):
            if follows(step.node, variable, image.data):
                yield _defect(image, path[: position + 1], start, ended, variable)
                del section.expired[variable]
        for effect in effects(step.node, image.data):
            section.inside.pop(effect.target, None)
            section.expired.pop(effect.target, None)
        _calls(image, section, step, position)


def _calls(image: FunctionImage, section: _Section, step: Step, position: int) -> None:
    for call in walk(step.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        if _BEGINS.fullmatch(name):
            section.depth += 1
        elif _ENDS.fullmatch(name):
            section.depth -= 1
            if section.depth == 0:
                section.expired |= {one: (start, position) for one, start in section.inside.items()}
                section.inside.clear()
        elif section.depth > 0 and _LOOKS_UP.fullmatch(name):
            taker = target(call)
            if taker is not None and taker.type == "identifier":
                section.inside[image.written(taker)] = position
        elif _KEEPS.search(name) or not name:
            for one in arguments(call):
                section.inside.pop(re.split(r"->|\.", image.written(bare(one)).lstrip("&"))[0], None)


def _defect(image: FunctionImage, path: Path, start: int, ended: int, variable: str) -> Defect:
    line = image.line(path[ended])
    message = (
        f"`{variable}` was looked up in the RCU read section that ends at line {line}, and is followed here, when it "
        "may be gone."
    )
    return Defect(NAME, MECHANISM, variable, path, start, f"looks up `{variable}`", message, ending="followed here")
