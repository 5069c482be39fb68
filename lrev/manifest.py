"""models.toml -> frozen specs. A key that does not exist is an error with the one that was probably meant."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lrev.errors import ManifestError
from lrev.paths import home, models_file


class Role(Enum):
    GENERATOR = "generator"
    EMBEDDER = "embedder"


class Tier(Enum):
    """What a model may be asked: `test` nothing that counts, `small` narrow questions; more after qualification."""

    TEST = "test"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class PromptFormat(StrEnum):
    """How a model was taught to be spoken to; lrev/model/prompt_format.py has the tokens."""

    CHATML = "chatml"
    PLAIN = "plain"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackageSource(_Strict):
    """Packages of a registry, one a part; `{part}` counts from 1. A `member` that ends in / is a whole folder."""

    kind: Literal["packages"]
    package: str
    member: str
    parts: int = Field(ge=1)


class FileSource(_Strict):
    """A file that the user has put on this machine."""

    kind: Literal["file"]
    path: Path


class DistilledSource(_Strict):
    """Made here from another model of the manifest."""

    kind: Literal["distilled"]
    teacher: str


Source = Annotated[PackageSource | FileSource | DistilledSource, Field(discriminator="kind")]


class ModelSpec(_Strict):
    """One model. `sha256` is "" only for what is distilled here; 0 means `choose for this machine` or `not so`."""

    name: str
    role: Role
    tier: Tier
    licence: str
    filename: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    source: Source
    size_bytes: int = 0
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    context_tokens: int = 0
    prompt_format: PromptFormat = PromptFormat.PLAIN
    dimension: int = 0
    threads: int = Field(default=0, ge=0)
    batch_tokens: int = Field(default=512, ge=1)
    gpu_layers: int = Field(default=0, ge=-1)


class _File(_Strict):
    default_generator: str = ""
    default_embedder: str = ""
    models: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """Every model by name, the user's after ours."""

    models: tuple[ModelSpec, ...]
    default_generator: str
    default_embedder: str

    def get(self, name: str, role: Role | None = None) -> ModelSpec:
        """Raises ManifestError, with the nearest name, when there is none of that name and role."""
        fitting = {spec.name: spec for spec in self.models if role is None or spec.role is role}
        if name in fitting:
            return fitting[name]
        noun = role.value if role else "model"
        near = get_close_matches(name, fitting, n=1)
        raise ManifestError(
            f"models.toml has no {noun} '{name}'",
            f"did you mean '{near[0]}'" if near else f"there are {', '.join(sorted(fitting))}",
        )


def user_models_file() -> Path:
    return home() / "models.toml"


def load_manifest(path: Path | None = None) -> Manifest:
    """models.toml, and the user's own models over it. Raises ManifestError naming file and key."""
    files = [_read(path or models_file())]
    if user_models_file().exists():
        files.append(_read(user_models_file()))
    specs: dict[str, ModelSpec] = {}
    for one in files:
        specs.update(one)
    raw = _parsed(path or models_file())
    manifest = Manifest(tuple(specs.values()), raw.default_generator, raw.default_embedder)
    manifest.get(raw.default_generator, Role.GENERATOR)
    manifest.get(raw.default_embedder, Role.EMBEDDER)
    return manifest


def _parsed(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ManifestError(f"cannot open '{path}'", "the checkout's models.toml is the one that is shipped") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"'{path}': {error}") from error
    except ValidationError as error:
        raise _explained(path, "", error, _File) from error


def _read(path: Path) -> dict[str, ModelSpec]:
    specs = {}
    for name, fields in _parsed(path).models.items():
        try:
            specs[name] = ModelSpec.model_validate({"name": name, **fields})
        except ValidationError as error:
            raise _explained(path, name, error, ModelSpec) from error
        if not specs[name].sha256 and not isinstance(specs[name].source, DistilledSource):
            raise ManifestError(f"'{path}': model '{name}' has no sha256", "lrev uses no file it cannot verify")
    return specs


def _explained(path: Path, name: str, error: ValidationError, model: type[BaseModel]) -> ManifestError:
    """The first complaint of pydantic in one line, with the nearest key for one that does not exist."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    where = f"model '{name}', " if name else ""
    near = get_close_matches(str(first["loc"][-1]), model.model_fields, n=1)
    if first["type"] == "extra_forbidden":
        hint = f"did you mean '{near[0]}'" if near else "docs/models.md lists the keys"
        return ManifestError(f"'{path}': {where}unknown key '{key}'", hint)
    return ManifestError(f"'{path}': {where}{key}: {first['msg'].lower()}", "docs/models.md lists the keys")
