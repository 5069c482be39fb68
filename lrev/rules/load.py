"""Reading rule files: TOML front matter between `+++` lines, then the knowledge in Markdown (docs/rule-format.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lrev.errors import ManifestError

FENCE = "+++"


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


@dataclass(frozen=True, slots=True)
class Trigger:
    """All that is given must hold: a path glob matches, and an added line calls one of `calls` (globs)."""

    calls: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `sound` and `defect` are statements of which one holds; `right` and `wrong` are functions, one each.

    In all texts `{call}` stands for the call that triggered the rule and `{variable}` for what takes its result.
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
    comment: str
    refuters: tuple[Refuter, ...]
    claims: tuple[str, ...]  # symbols the rule relies on; each must exist in the tree
    knowledge: str
    path: Path

    @property
    def example_call(self) -> str:
        """The call that its examples are written with."""
        return self.trigger.calls[0]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Trigger(_Strict):
    calls: list[str] = Field(min_length=1)

    @field_validator("calls")
    @classmethod
    def _first_is_a_name(cls, calls: list[str]) -> list[str]:
        if not calls[0].isidentifier():
            raise ValueError("the first call must be a plain name: the examples are written with it")
        return calls

    paths: list[str] = ["*"]


class _Question(_Strict):
    sound: str
    defect: str


class _Example(_Strict):
    right: str
    wrong: str


class _FrontMatter(_Strict):
    id: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    severity: Severity
    refuters: list[Refuter] = Field(min_length=1)  # a rule that code can never answer is not asked
    comment: str
    claims: list[str] = []
    trigger: _Trigger
    question: _Question
    example: _Example


def parse_rule(text: str, path: Path) -> Rule:
    """Raises ManifestError naming the file and what is wrong with it."""
    lines = text.splitlines()
    if not lines or lines[0] != FENCE or FENCE not in lines[1:]:
        raise ManifestError(f"rule '{path.name}' has no front matter", f"start it with TOML between two {FENCE} lines")
    end = lines.index(FENCE, 1)
    try:
        front = _FrontMatter.model_validate(tomllib.loads("\n".join(lines[1:end])))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        first = str(error).splitlines()
        raise ManifestError(f"rule '{path.name}' cannot be read: {' '.join(first[1:3]) or first[0]}") from error
    if front.id != path.stem:
        raise ManifestError(f"rule '{path.name}' calls itself '{front.id}'", "a rule's id is its file name")
    return Rule(
        id=front.id,
        title=front.title,
        subsystem=path.parent.name,
        severity=front.severity,
        trigger=Trigger(tuple(front.trigger.calls), tuple(front.trigger.paths)),
        sound=front.question.sound,
        defect=front.question.defect,
        right=front.example.right.strip("\n"),
        wrong=front.example.wrong.strip("\n"),
        comment=front.comment,
        refuters=tuple(front.refuters),
        claims=tuple(front.claims),
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
