"""Reading rule files: TOML front matter between `+++` lines, then the knowledge in Markdown (docs/rule-format.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from lrev.errors import ManifestError
from lrev.rules.claims import ClaimTable
from lrev.rules.rule import Needed, Refuter, Rule, Severity, Trigger
from lrev.source.c_query import Pattern, capture_names

FENCE = "+++"
# What the names in a pattern mean to the trigger; any other would be a slip.
_QUERY_CAPTURES = frozenset({"match", "call", "variable"})
_OTHER_CAPTURES = frozenset({"before", "after", "variable"})

# Those that are honoured; the parser passes over any other without a word.
_PREDICATES = frozenset({"eq?", "not-eq?", "match?", "not-match?", "any-of?"})
_PREDICATE = re.compile(r"\(#([\w-]+[?!]?)")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _first_is_a_name(names: list[str]) -> list[str]:
    if names and not names[0].isidentifier():
        raise ValueError("the first must be a plain name: the examples are written with it")
    return names


class _Trigger(_Strict):
    calls: Annotated[list[str], AfterValidator(_first_is_a_name)] = []
    types: Annotated[list[str], AfterValidator(_first_is_a_name)] = []
    query: str = ""
    mechanisms: list[str] = []
    paths: list[str] = ["*"]
    unless: str = ""
    beside: str = ""

    @model_validator(mode="after")
    def _can_be_triggered(self) -> _Trigger:
        if not (self.calls or self.types or self.query or self.mechanisms):
            raise ValueError("a trigger has calls, types, a query or mechanisms")
        for key in ("query", "unless", "beside"):
            if unknown := sorted(set(_PREDICATE.findall(getattr(self, key))) - _PREDICATES):
                known = ", #".join(sorted(_PREDICATES))
                raise ValueError(f"{key}: no predicate is called #{unknown[0]}; there are #{known}")
        return self

    @property
    def trigger(self) -> Trigger:
        return Trigger(
            calls=tuple(self.calls),
            types=tuple(self.types),
            query=Pattern(self.query) if self.query else None,
            mechanisms=tuple(self.mechanisms),
            paths=tuple(self.paths),
            unless=Pattern(self.unless) if self.unless else None,
            beside=Pattern(self.beside) if self.beside else None,
        )


class _Question(_Strict):
    sound: str
    defect: str


class _Example(_Strict):
    right: str
    wrong: str
    clear: str = ""


class _FrontMatter(_Strict):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    severity: Severity
    refuters: list[Refuter] = []
    needs: list[Needed] = [Needed.FUNCTION]
    comment: str
    claims: list[ClaimTable] = Field(min_length=1)
    tokens: int = Field(gt=0)
    verified_on: list[str] = []
    trigger: _Trigger
    question: _Question
    example: _Example

    @model_validator(mode="after")
    def _code_can_settle_it(self) -> _FrontMatter:
        trigger = self.trigger
        if not (self.refuters or trigger.query or trigger.unless or trigger.mechanisms):
            raise ValueError("code must be able to settle it: give refuters, a query, unless or mechanisms")
        return self


def parse_rule(text: str, path: Path) -> Rule:
    """Raises ManifestError naming the file and what is wrong with it."""
    lines = text.splitlines()
    if not lines or lines[0] != FENCE or FENCE not in lines[1:]:
        raise ManifestError(f"rule '{path.name}' has no front matter", f"start it with TOML between two {FENCE} lines")
    end = lines.index(FENCE, 1)
    try:
        front = _FrontMatter.model_validate(tomllib.loads("\n".join(lines[1:end])))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ManifestError(f"rule '{path.name}' cannot be read: {where}: {first['msg']}") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"rule '{path.name}' cannot be read: {error}") from error
    if front.id != path.stem:
        raise ManifestError(f"rule '{path.name}' calls itself '{front.id}'", "a rule's id is its file name")
    return Rule(
        id=front.id,
        title=front.title,
        subsystem=path.parent.name,
        severity=front.severity,
        trigger=front.trigger.trigger,
        sound=front.question.sound,
        defect=front.question.defect,
        right=front.example.right.strip("\n"),
        wrong=front.example.wrong.strip("\n"),
        clear=front.example.clear.strip("\n"),
        comment=front.comment,
        refuters=tuple(front.refuters),
        needs=tuple(front.needs),
        claims=tuple(one.claim for one in front.claims),
        tokens=front.tokens,
        verified_on=tuple(front.verified_on),
        knowledge="\n".join(lines[end + 1 :]).strip(),
        path=path,
    )


def check_queries(rule: Rule) -> None:
    """Raises ManifestError for a query that is none, or whose names mean nothing; that takes a while to find out."""
    trigger = rule.trigger
    for key, pattern, allowed in (
        ("query", trigger.query, _QUERY_CAPTURES),
        ("unless", trigger.unless, _OTHER_CAPTURES),
        ("beside", trigger.beside, _OTHER_CAPTURES),
    ):
        try:
            names = capture_names(pattern.query) if pattern is not None else frozenset()
        except ValueError as error:
            raise ManifestError(f"rule '{rule.path.name}' cannot be read: trigger.{key}: {error}") from error
        meant = {name for name in names if not name.startswith("_")}
        if meant - allowed:
            hint = "one that is only compared begins with _"
            raise ManifestError(f"rule '{rule.path.name}': trigger.{key}: no meaning for @{min(meant - allowed)}", hint)
        if key == "query" and pattern is not None and "match" not in meant:
            raise ManifestError(f"rule '{rule.path.name}': trigger.query: it has to say what is the @match")


def load_rules(directory: Path) -> tuple[Rule, ...]:
    """Every rule below `directory`, by id. Raises ManifestError for a broken rule or an id that stands twice."""
    rules: dict[str, Rule] = {}
    for path in sorted(directory.glob("*/*.md")):
        rule = parse_rule(path.read_text(encoding="utf-8"), path)
        if rule.id in rules:
            raise ManifestError(f"rule '{rule.id}' stands twice", f"rename '{path}' or '{rules[rule.id].path}'")
        rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))
