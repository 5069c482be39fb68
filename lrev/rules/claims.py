"""Claims: what a rule relies on in the tree, each in a form that code can check (docs/rule-format.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from lrev.types import FactKind

_FACTS = frozenset(kind.value for kind in FactKind)


class ClaimKind(Enum):
    """`subject` and `expected` of a claim by its kind."""

    EXISTS = "exists"  # a symbol
    GONE = "gone"  # a name that nothing in the tree defines, calls or writes
    FACT = "fact"  # a function, and a FactKind it has
    NO_FACT = "no fact"
    CALLS = "calls"  # a function, and one that it calls
    MATCHES = "matches"  # a file, and a regular expression that is found in it
    LACKS = "lacks"
    EQUALS = "equals"  # a macro, and its replacement


@dataclass(frozen=True, slots=True)
class Claim:
    kind: ClaimKind
    subject: str
    expected: str = ""

    def __str__(self) -> str:
        shown = f"`{self.subject}`"
        return {
            ClaimKind.EXISTS: f"{shown} exists",
            ClaimKind.GONE: f"{shown} is gone",
            ClaimKind.FACT: f"{shown}: {self.expected}",
            ClaimKind.NO_FACT: f"{shown}: never {self.expected}",
            ClaimKind.CALLS: f"{shown} calls `{self.expected}`",
            ClaimKind.MATCHES: f"{shown} matches `{self.expected}`",
            ClaimKind.LACKS: f"{shown} has no `{self.expected}`",
            ClaimKind.EQUALS: f"{shown} is `{self.expected}`",
        }[self.kind]

    def contradicts(self, other: Claim) -> bool:
        """Whether the two cannot both hold on any tree."""
        if self.subject != other.subject:
            return False
        kinds = {self.kind, other.kind}
        if kinds == {ClaimKind.EQUALS}:
            return self.expected != other.expected
        if ClaimKind.GONE in kinds:
            return bool(kinds & {ClaimKind.EXISTS, ClaimKind.FACT, ClaimKind.CALLS, ClaimKind.EQUALS})
        opposed = kinds in ({ClaimKind.FACT, ClaimKind.NO_FACT}, {ClaimKind.MATCHES, ClaimKind.LACKS})
        return opposed and self.expected == other.expected


def _is_fact(value: str | None) -> str | None:
    if value is not None and value not in _FACTS:
        raise ValueError(f"'{value}' is no fact; facts are {', '.join(sorted(_FACTS))}")
    return value


def _is_expression(value: str | None) -> str | None:
    try:
        re.compile(value or "")
    except re.error as error:
        raise ValueError(f"'{value}' is no regular expression: {error}") from error
    return value


class ClaimTable(BaseModel):
    """A claim as it is written: `{exists = "X"}`, `{fact = "F", says = "may sleep"}`, `{file = "P", matches = "R"}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exists: str | None = None
    gone: str | None = None
    fact: str | None = None
    says: Annotated[str | None, AfterValidator(_is_fact)] = None
    never: Annotated[str | None, AfterValidator(_is_fact)] = None
    function: str | None = None
    calls: str | None = None
    file: str | None = None
    matches: Annotated[str | None, AfterValidator(_is_expression)] = None
    lacks: Annotated[str | None, AfterValidator(_is_expression)] = None
    define: str | None = None
    equals: str | None = None

    @model_validator(mode="after")
    def _is_one_claim(self) -> ClaimTable:
        given = frozenset(self.model_dump(exclude_none=True))
        if given not in _FORMS:
            forms = "; ".join(" and ".join(sorted(form)) for form in _FORMS)
            raise ValueError(f"a claim is one of: {forms}")
        return self

    @property
    def claim(self) -> Claim:
        kind, subject, expected = _FORMS[frozenset(self.model_dump(exclude_none=True))]
        return Claim(kind, getattr(self, subject), getattr(self, expected) if expected else "")


# What is given, and which of it is the subject and which is expected.
_FORMS: dict[frozenset[str], tuple[ClaimKind, str, str]] = {
    frozenset({"exists"}): (ClaimKind.EXISTS, "exists", ""),
    frozenset({"gone"}): (ClaimKind.GONE, "gone", ""),
    frozenset({"fact", "says"}): (ClaimKind.FACT, "fact", "says"),
    frozenset({"fact", "never"}): (ClaimKind.NO_FACT, "fact", "never"),
    frozenset({"function", "calls"}): (ClaimKind.CALLS, "function", "calls"),
    frozenset({"file", "matches"}): (ClaimKind.MATCHES, "file", "matches"),
    frozenset({"file", "lacks"}): (ClaimKind.LACKS, "file", "lacks"),
    frozenset({"define", "equals"}): (ClaimKind.EQUALS, "define", "equals"),
}
