"""What a patch changes about a function that callers outside of it still rely on: its arguments, how it says that it
failed, or the lock that it returns with. Each caller that code proves to be wrong from now on is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lrev.evidence import error_pointer, lock_on_return
from lrev.evidence.defect import Defect, FunctionImage, read_image
from lrev.evidence.knowledge import Caller, Knowledge
from lrev.source.c_code import facts, functions, parse
from lrev.source.c_nodes import arguments, callee, walk
from lrev.source.c_tree import function_declarator
from lrev.types import ChangedFunction, Fact, FactKind, Suspicion, TraceStep

NAME = "relied-on"
ARGUMENTS = "callers pass the former arguments"
CONTRACT = "callers rely on what it was"

# Checks that go by what a callee is known to do.
_CHECKS: tuple[Callable[[FunctionImage], Iterator[Defect]], ...] = (error_pointer.check, lock_on_return.check)
# What a function's own text tells; whether it frees is inferred of a whole tree.
_CONTRACT = frozenset({FactKind.RETURNS_NULL, FactKind.RETURNS_ERR_PTR, FactKind.ACQUIRES, FactKind.RELEASES})
_SHOWN_CALLERS = 3
# The functions of a file are checked one after the other: its two images are read once for all of them.
_KEPT_FILES = 2


@dataclass(frozen=True, slots=True)
class _Broken:
    caller: Caller
    line: int
    why: str


def check(function: ChangedFunction, before: bytes | None, after: bytes, knowledge: Knowledge) -> Iterator[Suspicion]:
    """At most one of each kind. `knowledge` is of the state after the patch, its files included."""
    if function.before is None or function.after is None or before is None or not function.changed:
        return
    old, new = _arity(function.before.text), _arity(function.after.text)
    if old != new and min(old, new) >= 0:
        called = f"{function.name}() takes {new} arguments now and took {old}"
        broken = tuple(_of_former_arity(function, knowledge, old))
        if broken:
            yield _suspicion(function, ARGUMENTS, called, broken)
        return
    former, present = _facts(function.name, before), _facts(function.name, after)
    if _contract(former) != _contract(present):
        broken = tuple(_of_former_contract(function, knowledge, former))
        if broken:
            yield _suspicion(function, CONTRACT, f"{function.name}() {_difference(former, present)}", broken)


def _suspicion(function: ChangedFunction, mechanism: str, what: str, broken: tuple[_Broken, ...]) -> Suspicion:
    first = broken[0]
    shown = ", ".join(f"{one.caller.name}() ({one.caller.path}:{one.line})" for one in broken[:_SHOWN_CALLERS])
    rest = f" and {len(broken) - _SHOWN_CALLERS} more" if len(broken) > _SHOWN_CALLERS else ""
    line = min(function.changed)
    assert function.after is not None
    text = function.after.text.split("\n")[line - function.after.span.start].strip()
    return Suspicion(
        check=NAME,
        mechanism=mechanism,
        path=function.path,
        function=function.name,
        line=line,
        message=f"{what}. Not changed with it: {shown}{rest}: {first.why}",
        trace=(TraceStep(line, text, "changed here"),),
        rests_on=tuple(f"{one.caller.path}:{one.line}: {one.why}" for one in broken),
        subject=function.name,
    )


def _arity(text: str) -> int:
    """How many parameters a function has, -1 where that is not plain."""
    nodes = parse(text.encode()).functions
    declarator = function_declarator(nodes[0]) if len(nodes) == 1 else None
    listed = declarator.child_by_field_name("parameters") if declarator is not None else None
    if listed is None or listed.has_error:
        return -1
    kinds = [one for one in listed.named_children if one.type != "comment"]
    if any(one.type != "parameter_declaration" for one in kinds):
        return -1
    is_void = len(kinds) == 1 and kinds[0].child_by_field_name("declarator") is None
    return 0 if is_void else len(kinds)


def _of_former_arity(function: ChangedFunction, knowledge: Knowledge, old: int) -> Iterator[_Broken]:
    for caller in knowledge.callers(function.name, function.path):
        calls = (node for one in parse(caller.text).functions for node in walk(one) if node.type == "call_expression")
        named = (call for call in calls if callee(call, caller.text) == function.name)
        call = next((call for call in named if len(arguments(call)) == old), None)
        if call is not None:
            yield _Broken(caller, caller.first_line + call.start_point.row, f"it passes {old}.")


def _facts(name: str, data: bytes) -> tuple[Fact, ...]:
    return tuple(fact for fact in _facts_of_file(data) if fact.function == name)


@lru_cache(_KEPT_FILES)
def _facts_of_file(data: bytes) -> tuple[Fact, ...]:
    return facts(parse(data), "")


def _contract(known: tuple[Fact, ...]) -> frozenset[tuple[FactKind, str]]:
    return frozenset((one.kind, one.detail) for one in known if one.kind in _CONTRACT)


def _difference(former: tuple[Fact, ...], present: tuple[Fact, ...]) -> str:
    old, new = ({fact.kind for fact in known if fact.kind in _CONTRACT} for known in (former, present))
    gone = " and ".join(sorted(f"no longer {kind.value}" for kind in old - new))
    come = " and ".join(sorted(f"{kind.value}" for kind in new - old))
    return ", and ".join(filter(None, (f"now {come}" if come else "", gone))) or "does so with another argument now"


def _of_former_contract(function: ChangedFunction, knowledge: Knowledge, former: tuple[Fact, ...]) -> Iterator[_Broken]:
    """What the checks say of callers now and would not have said before."""
    for caller in knowledge.callers(function.name, function.path):
        sources = functions(parse(caller.text))
        if len(sources) != 1:
            continue
        then = read_image(sources[0], caller.text, _Former(knowledge, function.name, former), caller.path)
        now = read_image(sources[0], caller.text, knowledge, caller.path)
        if then is None or now is None:
            continue
        for one in _CHECKS:
            known = {defect.identity for defect in one(then)}
            fresh = next((defect for defect in one(now) if defect.identity not in known), None)
            if fresh is not None:
                line = caller.first_line + fresh.path[-1].line - 1
                yield _Broken(caller, line, fresh.message)
                break


class _Former:
    """The knowledge there was before the patch changed one function."""

    def __init__(self, now: Knowledge, name: str, former: tuple[Fact, ...]) -> None:
        self._now = now
        self._name = name
        self._former = former
        self.exists = now.exists
        self.released_by = now.released_by
        self.results_used = now.results_used
        self.callers = now.callers
        self.own_macro = now.own_macro
        self.structs = now.structs
        self.bodies = now.bodies

    def facts(self, name: str, path: str) -> tuple[Fact, ...]:
        return self._former if name == self._name else self._now.facts(name, path)
