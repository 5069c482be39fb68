"""A rule, as the rest of lrev sees it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from lrev.rules.claims import Claim
from lrev.source.c_query import Pattern


class Severity(Enum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Refuter(Enum):
    """What code looks for before a model is asked; the functions stand in lrev/evidence/refute.py."""

    RESULT_CHECKED = "result-checked"
    RESULT_CHECKED_WITH_IS_ERR = "result-checked-with-is-err"
    NO_ATOMIC_SECTION = "no-atomic-section"
    NO_GFP_KERNEL = "no-gfp-kernel"
    PUT_PRESENT = "put-present"
    NO_LIST_REMOVAL = "no-list-removal"
    LENGTH_COMPARED = "length-compared"
    NOT_USED_AFTER = "not-used-after"


class Needed(Enum):
    """What has to be on the table when a rule's question is asked."""

    FUNCTION = "function"  # all of the changed function
    CALLEE = "callee"  # the definition of what is called


@dataclass(frozen=True, slots=True)
class Trigger:
    """A path must match, and on an added line one of the others must stand: a call, a type, a match of `query`, or
    what a check with one of `mechanisms` says. Nothing triggers where `unless` is found in the function, or where
    `beside`, if it is given, is not.
    """

    calls: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    query: Pattern | None = None
    mechanisms: tuple[str, ...] = ()
    paths: tuple[str, ...] = ("*",)
    unless: Pattern | None = None
    beside: Pattern | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `sound` and `defect` are statements of which one holds; `right` and `wrong` are functions, one each,
    and `clear` one that code can tell to be sound, "" where it can tell that of `right`.

    In all texts `{call}` stands for the call (or type) that triggered the rule and `{variable}` for what takes its
    result. `tokens` is the most that its statements cost; `verified_on` are the trees its claims were found true on.
    """

    id: str
    title: str
    subsystem: str
    severity: Severity
    trigger: Trigger
    sound: str
    defect: str
    right: str
    wrong: str
    clear: str
    comment: str
    refuters: tuple[Refuter, ...]
    needs: tuple[Needed, ...]
    claims: tuple[Claim, ...]
    tokens: int
    verified_on: tuple[str, ...]
    knowledge: str
    path: Path

    @property
    def example_call(self) -> str:
        """The call or type that its examples are written with, "" where they are written out."""
        return next(iter((*self.trigger.calls, *self.trigger.types)), "")
