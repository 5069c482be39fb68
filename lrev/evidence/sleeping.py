"""Whether a call may sleep whatever happens, and how that is known."""

from __future__ import annotations

import re

from tree_sitter import Node

from lrev.evidence.defect import FunctionImage
from lrev.evidence.resources import ALLOCATORS
from lrev.source.c_nodes import arguments
from lrev.types import Fact, FactKind

_BLOCKING = re.compile(r"\bGFP_(?:KERNEL|NOIO|NOFS|USER|HIGHUSER)\w*")
# Inline in every configuration, and so exported nowhere.
_SLEEPERS = frozenset({"usleep_range", "msleep", "mutex_lock", "might_sleep", "schedule", "ssleep", "fsleep"})
# Macros that sleep between two looks unless they are told to wait 0 microseconds (include/linux/iopoll.h, regmap.h).
_POLLS = re.compile(r"(?P<regmap>regmap_(?:field_)?)?read[bwlqx]?(?:_relaxed)?_poll_timeout")
_WAIT_AT, _REGMAP_WAIT_AT = 3, 4


def sleeps(image: FunctionImage, call: Node, name: str) -> str:
    """Why, "" when it is not known that the call sleeps."""
    passed = [image.written(one) for one in arguments(call)]
    polls = _POLLS.fullmatch(name)
    if polls is not None:
        at = _REGMAP_WAIT_AT if polls["regmap"] == "regmap_" else _WAIT_AT
        return f"it waits {passed[at]} us between looks" if len(passed) > at and passed[at] != "0" else ""
    if name in ALLOCATORS:
        flags = next((one for one in passed if _BLOCKING.search(one)), "")
        return f"it is given {flags}" if flags else ""
    facts = image.facts(name)
    # One name may be many functions: only of an exported one is it sure which is meant.
    if name not in _SLEEPERS and not any(fact.kind is FactKind.EXPORTED for fact in facts):
        return ""
    found = [fact for fact in facts if fact.kind is FactKind.MAY_SLEEP and not fact.condition]
    if name in _SLEEPERS and not facts:
        return "always"
    return _because(found[0]) if found else ""


def _because(fact: Fact) -> str:
    return f"{fact.detail}, line {fact.line} of it" if fact.detail else "as its body shows"
