"""Reading rule files: TOML front matter between `+++` lines, then the knowledge in Markdown (docs/rule-format.md)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from tree_sitter import Query

from lrev.errors import ManifestError
from lrev.rules.claims import ClaimTable
from lrev.rules.rule import Needed, Refuter, Rule, Severity, Trigger
from lrev.source.c_query import capture_names, compiled

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
        _pattern("query", self.query, _QUERY_CAPTURES, "match")
        _pattern("unless", self.unless, _OTHER_CAPTURES)
        _pattern("beside", self.beside, _OTHER_CAPTURES)
        return self

    @property
    def trigger(self) -> Trigger:
        return Trigger(
            calls=tuple(self.calls),
            types=tuple(self.types),
            query=_pattern("query", self.query, _QUERY_CAPTURES, "match"),
            mechanisms=tuple(self.mechanisms),
            paths=tuple(self.paths),
            unless=_pattern("unless", self.unless, _OTHER_CAPTURES),
            beside=_pattern("beside", self.beside, _OTHER_CAPTURES),
        )


def _pattern(key: str, text: str, allowed: frozenset[str], required: str = "") -> Query | None:
    if not text:
        return None
    if unknown := sorted(set(_PREDICATE.findall(text)) - _PREDICATES):
        raise ValueError(f"{key}: no predicate is called #{unknown[0]}; there are #{', #'.join(sorted(_PREDICATES))}")
    try:
        query = compiled(text)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    names = {name for name in capture_names(query) if not name.startswith("_")}
    if names - allowed:
        raise ValueError(f"{key}: no meaning for @{min(names - allowed)}; one that is only compared begins with _")
    if required and required not in names:
        raise ValueError(f"{key}: it has to say what is the @{required}")
    return query


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


def load_rules(directory: Path) -> tuple[Rule, ...]:
    """Every rule below `directory`, by id. Raises ManifestError for a broken rule or an id that stands twice."""
    rules: dict[str, Rule] = {}
    for path in sorted(directory.glob("*/*.md")):
        rule = parse_rule(path.read_text(encoding="utf-8"), path)
        if rule.id in rules:
            raise ManifestError(f"rule '{rule.id}' stands twice", f"rename '{path}' or '{rules[rule.id].path}'")
        rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))
