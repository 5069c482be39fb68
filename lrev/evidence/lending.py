"""Whether a callee gives back what it is passed, told from its body and those of the functions that it calls in turn.

What is neither stored, returned nor handed on to anything unknown is still the caller's when the callee is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tree_sitter import Node

from lrev.evidence.knowledge import Knowledge
from lrev.evidence.ownership import leaves
from lrev.source.c_code import parse
from lrev.source.c_nodes import declared, text, walk

# What is passed down further than that is seldom lent, and takes long to follow.
_DEEPEST = 6
_MOST_FUNCTIONS = 300
_KEPT_FUNCTIONS = 2048
# Whatever the body seems to do: what it takes is gone, or somebody else's.
_CONSUMES = re.compile(r"free|put(?:_|$)|release|destroy|unregister|register|queue|submit|consume|complete|drop")


class Lending:
    """Answers for calls in the file `path`; reads a limited number of functions, and knows nothing of the others."""

    def __init__(self, knowledge: Knowledge, path: str) -> None:
        self._knowledge = knowledge
        self._path = path
        self._known: dict[tuple[str, int], bool] = {}
        self._following: list[str] = []
        self._read = 0

    def lends(self, name: str, position: int) -> bool:
        """Whether argument `position` of `name` is the caller's again after the call; False when that is not known."""
        key = name, position
        if key not in self._known:
            if not name or _CONSUMES.search(name) or name in self._following or len(self._following) >= _DEEPEST:
                return False
            self._following.append(name)
            self._known[key] = self._follow(name, position)
            self._following.pop()
        return self._known[key]

    def _follow(self, name: str, position: int) -> bool:
        bodies = self._knowledge.bodies(name, self._path)
        self._read += len(bodies)
        if self._read > _MOST_FUNCTIONS:
            return False
        return bool(bodies) and all(self._gives_back(body, position) for body in bodies)

    def _gives_back(self, data: bytes, position: int) -> bool:
        function = _parsed(data)
        body = function.child_by_field_name("body") if function is not None else None
        if function is None or body is None or function.has_error:
            return False
        names = [text(one, data) if one is not None else "" for one in _parameters(function)]
        if position >= len(names):
            return False
        if not names[position]:
            return True  # without a name it is not used
        own = local_names(function, data)
        return not leaves(body, names[position], data, lambda name, at: name not in own and self.lends(name, at))


@lru_cache(_KEPT_FUNCTIONS)
def _parsed(data: bytes) -> Node | None:
    """The only function of `data`."""
    found = parse(data).functions
    return found[0] if len(found) == 1 else None


def local_names(function: Node, data: bytes) -> frozenset[str]:
    """Parameters and variables of a function: a call by such a name goes through a pointer."""
    found = [one for one in _parameters(function) if one is not None]
    for node in walk(function):
        if node.type == "declaration":
            found += filter(None, map(declared, node.children_by_field_name("declarator")))
    return frozenset(text(one, data) for one in found)


def _parameters(function: Node) -> Iterator[Node | None]:
    """The names of the parameters, None for one without."""
    declarator = function.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    listed = declarator.child_by_field_name("parameters") if declarator is not None else None
    for one in listed.named_children if listed is not None else ():
        if one.type == "parameter_declaration":
            yield declared(one.child_by_field_name("declarator"))
