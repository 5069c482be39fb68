"""A rule's own examples: its faulty function must trigger it, and code must tell its sound one apart."""

from __future__ import annotations

from dataclasses import dataclass

from lrev.evidence.checks import inspect
from lrev.evidence.knowledge import NoKnowledge
from lrev.evidence.overlaid import OverlaidKnowledge
from lrev.evidence.refute import refute
from lrev.rules.rule import Rule
from lrev.rules.triggers import Match, matches
from lrev.source.c_code import calls, functions, parse
from lrev.types import ChangedFunction, Suspicion

# A path that the rule's globs allow is needed; a glob without its wildcards is one.
_FILE = "lamp.c"


@dataclass(frozen=True, slots=True)
class Example:
    """`function` is the last definition of the example, all of it new; `match` the first that the rule finds in it."""

    function: ChangedFunction
    match: Match | None
    cleared: str

    @property
    def raised(self) -> bool:
        """Whether the question would be asked."""
        return self.match is not None and not self.cleared


def example(rule: Rule, text: str) -> Example | None:
    """The rule on `right` or `wrong`, as a patch's function would be read; None when it holds no whole function."""
    data = text.replace("{call}", rule.example_call).encode() + b"\n"
    parsed = parse(data)
    defined = functions(parsed)
    if not defined or not all(one.whole for one in defined):
        return None
    source = defined[-1]
    changed = frozenset(range(source.span.start, source.span.end + 1))
    function = ChangedFunction(_path(rule), source.name, None, source, changed, frozenset(), (0,))
    knowledge = OverlaidKnowledge(NoKnowledge(), {function.path: data})
    said: tuple[Suspicion, ...] = inspect(function, None, data, knowledge).suspicions
    found = matches((rule,), function, calls(parsed, ""), said)
    return Example(function, found[0] if found else None, refute(function, found[0]) if found else "")


def faults(rule: Rule) -> tuple[str, ...]:
    """What is wrong with the examples, in sentences."""
    texts = {"right": rule.right, "wrong": rule.wrong} | ({"clear": rule.clear} if rule.clear else {})
    read = {name: example(rule, text) for name, text in texts.items()}
    if broken := [name for name, one in read.items() if one is None]:
        return tuple(f"its {name} example is no whole C function" for name in broken)
    wrong, cleared = read["wrong"], read.get("clear", read["right"])
    assert wrong is not None
    assert cleared is not None
    said: list[str] = []
    if wrong.match is None:
        said.append("its wrong example does not trigger it")
    elif wrong.cleared:
        said.append(f"code clears its wrong example: {wrong.cleared}")
    if cleared.raised:
        which = "clear" if rule.clear else "right"
        said.append(f"its {which} example is triggered, and code does not clear it; give one that it does, as clear")
    return tuple(said)


def _path(rule: Rule) -> str:
    """A file that the rule applies to."""
    glob = rule.trigger.paths[0]
    if "*" not in glob:
        return glob
    return glob.replace("*", _FILE) if glob.endswith("*") else glob.replace("*", "lamp")
