"""What is asked, from prompts/qualification: pairs of a sound and a faulty function, forms of answers, facts."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lrev.errors import ManifestError
from lrev.review.prompts import Prompts

_STRICT = ConfigDict(extra="forbid")
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Twin:
    """`line` stands in a line of both; `faulty` are lines of `wrong`, each of which may be named as the faulty one."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    id: str
    line: str
    sound: str
    defect: str
    faulty: tuple[str, ...]
    right: str
    wrong: str

    @property
    def name(self) -> str:
        found = re.search(r"^static .*?(\w+)\(", self.right, re.MULTILINE)
        assert found is not None
        return found[1]

    def looked_at(self, code: str) -> str:
        """The first line of `code` that `line` stands in."""
        return next(one.strip() for one in code.split("\n") if self.line in one)


@dataclass(frozen=True, slots=True)
class Form:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    form: str
    question: str


@dataclass(frozen=True, slots=True)
class _Asked:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    open: str
    facts: dict[str, str]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class _Twins:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    twin: tuple[Twin, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Questions:
    """`facts` by kind, `twins` by family, the name of their file. `prompts` are those of reviews."""

    prompts: Prompts
    open: str
    facts: dict[str, str]
    forms: tuple[Form, ...]
    twins: dict[str, tuple[Twin, ...]]

    @classmethod
    def load(cls, prompts_directory: Path) -> Self:
        """Raises ManifestError naming the file that cannot be read."""
        folder = prompts_directory / "qualification"
        asked = _read(folder / "questions.toml", TypeAdapter(_Asked))
        files = sorted((folder / "twins").glob("*.toml"))
        twins = {path.stem: _read(path, TypeAdapter(_Twins)).twin for path in files}
        prompts = Prompts(prompts_directory)
        return cls(prompts, asked.open, asked.facts, asked.forms, twins)

    @property
    def all_twins(self) -> list[Twin]:
        return [twin for family in self.twins.values() for twin in family]

    def head(self) -> tuple[str, str]:
        """What a review tells a model before it shows a function."""
        return (
            self.prompts.render("stages/reviewer"),
            self.prompts.render("stages/patch", subject="lamp: a small driver", description=""),
        )

    def shown(self, name: str, code: str) -> str:
        lines = code.strip("\n").split("\n")
        marked = "\n".join(f"+ {line}" for line in lines)
        return self.prompts.render("stages/function", name=name, path="drivers/lamp.c", code=marked, passages=[])


def _read(path: Path, adapter: TypeAdapter[Read]) -> Read:
    try:
        return adapter.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ManifestError(f"'{path}' cannot be read: {str(error).splitlines()[0]}") from error
