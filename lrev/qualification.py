"""What a model was measured to be good for: one small file a model in LREV_HOME, which reviews name.

`lrev models qualify` makes it (lrev/evaluate/qualify). It holds for the model file, the engine and the questions that
it was measured with, on any machine: how fast a model reads is not part of it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from lrev.manifest import Tier
from lrev.paths import home, private_directory, write_beside

# Changes when an older file would be misread.
SCHEMA = 1
# Changes when something else is made of the same answers.
_METHOD = 1
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Share:
    """So many of those asked were right."""

    right: int
    asked: int

    def __str__(self) -> str:
        return f"{self.right} of {self.asked}"


@dataclass(frozen=True, slots=True)
class FactFound:
    """How often a fact was found that stands `depth_percent` of the way into a context of `tokens`."""

    tokens: int
    depth_percent: int
    share: Share


@dataclass(frozen=True, slots=True)
class FormKept:
    """How often an answer under a schema was whole and valid."""

    form: str
    share: Share


@dataclass(frozen=True, slots=True)
class TwinAnswered:
    """Log-odds of the faulty statement, in nats, for the sound and the faulty twin; and the open answers to both.

    `named`: the faulty twin's line was named. `cleared`: no line of the sound one was.
    """

    twin: str
    family: str
    sound: float
    faulty: float
    named: bool
    cleared: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """How the prompt format fits the model; `template` compares it with the file's own, `problems` is empty if it fits.

    `ends`: the mean probability that a finished answer is ended.
    """

    prompt_format: str
    template: str
    ends: float
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasuredWith:
    """What the figures depend on; with anything else they are out of date."""

    model_sha256: str
    questions_sha256: str
    engine: str
    planned_tokens: int


@dataclass(frozen=True, slots=True)
class Qualification:
    """Context in tokens: that of the model file, that of models.toml, and the longest in which every fact was found."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    schema: int
    model: str
    lrev: str
    tier: Tier
    measured_with: MeasuredWith
    trained_tokens: int
    stated_tokens: int
    usable_tokens: int
    spoken: Spoken
    facts: tuple[FactFound, ...]
    forms: tuple[FormKept, ...]
    twins: tuple[TwinAnswered, ...]

    @property
    def in_order(self) -> Share:
        """Pairs of which the faulty twin was held to be the faultier."""
        return Share(sum(one.faulty > one.sound for one in self.twins), len(self.twins))

    @property
    def answered_openly(self) -> Share:
        """Pairs of which the faulty twin's line was named and the sound twin was cleared."""
        return Share(sum(one.named and one.cleared for one in self.twins), len(self.twins))

    @property
    def forms_kept(self) -> Share:
        return total(one.share for one in self.forms)

    @property
    def id(self) -> str:
        """The same for the same figures."""
        text = json.dumps(asdict(self), sort_keys=True, default=lambda one: one.value)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def line(self) -> str:
        """As a review names it."""
        return f"{self.id}, tier {self.tier.value}, told {self.in_order} twins apart"


def total(shares: Iterable[Share]) -> Share:
    counted = list(shares)
    return Share(sum(one.right for one in counted), sum(one.asked for one in counted))


_ADAPTER: TypeAdapter[Qualification] = TypeAdapter(Qualification)


def questions_sha256(prompts_directory: Path) -> str:
    """Of all that a model is qualified with: the prompts of reviews, and prompts/qualification."""
    digest = hashlib.sha256(f"{_METHOD} ".encode())
    for folder in ("stages", "questions", "qualification"):
        for path in sorted(one for one in (prompts_directory / folder).rglob("*") if one.is_file()):
            digest.update(path.relative_to(prompts_directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def stored(model_sha256: str) -> Qualification | None:
    """None where there is none, or one that this version of lrev cannot read."""
    try:
        found = _ADAPTER.validate_json(_path(model_sha256).read_bytes())
    except (OSError, ValidationError):
        return None
    return found if found.schema == SCHEMA else None


def store(qualification: Qualification) -> Path:
    """Written beside and renamed."""
    path = _path(qualification.measured_with.model_sha256)
    write_beside(path, _ADAPTER.dump_json(qualification, indent=1) + b"\n", f".{os.getpid()}.part")
    return path


def _path(model_sha256: str) -> Path:
    return private_directory(home() / "qualifications") / f"{model_sha256}.json"
