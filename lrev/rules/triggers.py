"""Which rules a changed function triggers, and on which added line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from lrev.rules.rule import Rule, Trigger
from lrev.source.c_code import ParsedC, parse
from lrev.source.c_nodes import walk
from lrev.source.c_query import Captured, Pattern, found
from lrev.types import Call, ChangedFunction, Suspicion

# `pointer = call(`, `x->field = (type)call(`: what the result of a call is assigned to.
_ASSIGNED = re.compile(r"(?P<variable>[A-Za-z_][\w.>\-\[\]]*)\s*=\s*(?:\([^()]*\)\s*)?(?:await\s+)?$")


@dataclass(frozen=True, slots=True)
class Match:
    """`rule` asks about `call` on `line` of the post-image; `variable` takes its result, "" when nothing does.

    `proven`: a check has shown it already, and it is not asked.
    """

    rule: Rule
    call: str
    line: int
    variable: str
    proven: bool = False


def matches(
    rules: Iterable[Rule], function: ChangedFunction, calls: Sequence[Call], suspicions: Sequence[Suspicion] = ()
) -> tuple[Match, ...]:
    """`calls` are those of the post-image file, `suspicions` those of the checks.

    One match a rule and call name: the first added line that makes it.
    """
    if function.after is None:
        return ()
    reading = _Reading(function, calls, suspicions)
    kept: dict[tuple[str, str], Match] = {}
    for rule in rules:
        if any(fnmatchcase(function.path, glob) for glob in rule.trigger.paths):
            for match in reading.matches(rule):
                kept.setdefault((rule.id, match.call), match)
    return tuple(sorted(kept.values(), key=lambda match: (match.line, match.rule.id, match.call)))


class _Reading:
    """One function, read for all rules; it is parsed when the first of them asks for its syntax."""

    def __init__(self, function: ChangedFunction, calls: Sequence[Call], suspicions: Sequence[Suspicion]) -> None:
        assert function.after is not None
        self._function = function
        self._source = function.after
        here = function.path, function.name
        self._suspicions = [one for one in suspicions if (one.path, one.function) == here]
        self._calls = [call for call in calls if self._is_added(call.line)]

    def matches(self, rule: Rule) -> Iterator[Match]:
        """In the order of the lines."""
        raised = sorted(self._raised(rule), key=lambda match: match.line)
        for pattern, wanted in ((rule.trigger.beside, True), (rule.trigger.unless, False)):
            if raised and pattern is not None:
                others = list(self._found(pattern))
                raised = [match for match in raised if any(self._goes_with(one, match) for one in others) is wanted]
        yield from raised

    def _raised(self, rule: Rule) -> Iterator[Match]:
        trigger = rule.trigger
        for call in self._calls:
            if any(fnmatchcase(call.callee, glob) for glob in trigger.calls):
                yield Match(rule, call.callee, call.line, self._variable(call))
        for name, line in self._types if trigger.types else ():
            if any(fnmatchcase(name, glob) for glob in trigger.types):
                yield Match(rule, name, line, "")
        for one in self._suspicions:
            if one.mechanism in trigger.mechanisms:
                yield Match(rule, "", one.line, one.subject, proven=True)
        yield from self._queried(rule, trigger)

    def _queried(self, rule: Rule, trigger: Trigger) -> Iterator[Match]:
        for one in self._found(trigger.query) if trigger.query is not None else ():
            line = one["match"].line + self._first - 1
            if self._is_added(line):
                call, variable = (one[name].text if name in one else "" for name in ("call", "variable"))
                yield Match(rule, call, line, variable)

    def _found(self, pattern: Pattern) -> Iterator[Mapping[str, Captured]]:
        return found(pattern.query, self._parsed) if pattern.may_match(self._source.text) else iter(())

    def _goes_with(self, one: Mapping[str, Captured], match: Match) -> bool:
        """The same variable, where the pattern has one, and on the side of the match that it wants."""
        line = match.line - self._first + 1
        if "variable" in one and match.variable and one["variable"].text != match.variable:
            return False
        if "after" in one and one["after"].line < line:
            return False
        return "before" not in one or one["before"].line <= line

    @property
    def _first(self) -> int:
        return self._source.span.start

    @cached_property
    def _parsed(self) -> ParsedC:
        return parse(self._source.text.encode() + b"\n")

    @cached_property
    def _types(self) -> tuple[tuple[str, int], ...]:
        nodes = (node for node in walk(self._parsed.root) if node.type == "type_identifier")
        named = ((self._parsed.text(node), node.start_point.row + self._first) for node in nodes)
        return tuple((name, line) for name, line in named if self._is_added(line))

    def _is_added(self, line: int) -> bool:
        return line in self._function.changed and line in self._source.span

    def _variable(self, call: Call) -> str:
        line = self._source.text.splitlines()[call.line - self._first]
        before, _, _ = line.partition(f"{call.callee}(")
        assigned = _ASSIGNED.search(before.rstrip())
        return assigned["variable"] if assigned else ""
