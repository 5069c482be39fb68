"""Which rules a changed function triggers, and on which added line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from lrev.rules.load import Rule
from lrev.types import Call, ChangedFunction

# `pointer = call(`, `x->field = (type)call(`: what the result of a call is assigned to.
_ASSIGNED = re.compile(r"(?P<variable>[A-Za-z_][\w.>\-\[\]]*)\s*=\s*(?:\([^()]*\)\s*)?(?:await\s+)?$")


@dataclass(frozen=True, slots=True)
class Match:
    """`rule` asks about `call` on `line` of the post-image; `variable` takes its result, "" when nothing does."""

    rule: Rule
    call: str
    line: int
    variable: str


def matches(rules: Iterable[Rule], function: ChangedFunction, calls: Sequence[Call]) -> tuple[Match, ...]:
    """`calls` are those of the post-image file. One match a rule and call name: the first added line that makes it."""
    if function.after is None:
        return ()
    added = [call for call in calls if call.line in function.changed and call.line in function.after.span]
    found: dict[tuple[str, str], Match] = {}
    for rule in rules:
        if not any(fnmatchcase(function.path, glob) for glob in rule.trigger.paths):
            continue
        for call in added:
            if any(fnmatchcase(call.callee, glob) for glob in rule.trigger.calls):
                match = Match(rule, call.callee, call.line, _variable(function, call))
                found.setdefault((rule.id, call.callee), match)
    return tuple(sorted(found.values(), key=lambda match: (match.line, match.rule.id, match.call)))


def _variable(function: ChangedFunction, call: Call) -> str:
    assert function.after is not None
    line = function.after.text.splitlines()[call.line - function.after.span.start]
    before, _, _ = line.partition(f"{call.callee}(")
    assigned = _ASSIGNED.search(before.rstrip())
    return assigned["variable"] if assigned else ""
