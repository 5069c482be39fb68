"""models.toml -> frozen specs. A key that does not exist is an error with the one that was probably meant."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lrev.errors import ManifestError
from lrev.paths import home, models_file

_STRICT = ConfigDict(extra="forbid")
# Names of models and files become names on the disk, so they stay in one folder and hide nowhere.
PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._+-]*$"


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
    DEEPSEEK = "deepseek"
    DEEPSEEK_R1 = "deepseek-r1"
    GEMMA = "gemma"
    GRANITE = "granite"
    LLAMA3 = "llama3"
    MISTRAL = "mistral"
    MISTRAL_SMALL = "mistral-small"
    PHI3 = "phi3"
    PHI4 = "phi4"
    PLAIN = "plain"
    QWEN3 = "qwen3"


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Packages of a registry, one a part; `{part}` counts from 1. A `member` that ends in / is a whole folder."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["packages"]
    package: str
    member: str
    parts: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file that the user has put on this machine."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["file"]
    path: Path


@dataclass(frozen=True, slots=True)
class DistilledSource:
    """Made here from another model of the manifest."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    kind: Literal["distilled"]
    teacher: str


Source = Annotated[PackageSource | FileSource | DistilledSource, Field(discriminator="kind")]
_SOURCES = {"packages": PackageSource, "file": FileSource, "distilled": DistilledSource}


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model. `sha256` is "" only for what is distilled here, `filename` only for a file of the user's own.

    0 means `not stated`, `not so`, or `choose for this machine`; `gpu_layers` -1 means all.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: Annotated[str, Field(pattern=PLAIN_NAME)]
    role: Role
    tier: Tier
    licence: str
    source: Source
    filename: Annotated[str, Field(pattern=PLAIN_NAME)] = ""
    size_bytes: Annotated[int, Field(ge=0)] = 0
    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    context_tokens: Annotated[int, Field(ge=0)] = 0
    prompt_format: PromptFormat = PromptFormat.PLAIN
    dimension: Annotated[int, Field(ge=0)] = 0
    threads: Annotated[int, Field(ge=0)] = 0
    batch_tokens: Annotated[int, Field(ge=1)] = 512
    gpu_layers: Annotated[int, Field(ge=-1)] = 0
    thinking_tokens: Annotated[int, Field(ge=0)] = 0
    flash_attention: bool = False
    small_cache: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    default_generator: str = ""
    default_embedder: str = ""
    models: dict[str, dict[str, Any]] = field(default_factory=dict)


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
    """models.toml, and the user's own models and defaults over it. Raises ManifestError naming file and key."""
    paths = [path or models_file(), *([user_models_file()] if user_models_file().exists() else [])]
    specs: dict[str, ModelSpec] = {}
    generator = embedder = ""
    for one in paths:
        parsed = _parsed(one)
        specs.update({name: model_spec(one, name, entry) for name, entry in parsed.models.items()})
        generator, embedder = parsed.default_generator or generator, parsed.default_embedder or embedder
    manifest = Manifest(tuple(specs.values()), generator, embedder)
    manifest.get(generator, Role.GENERATOR)
    manifest.get(embedder, Role.EMBEDDER)
    return manifest


def model_spec(path: Path, name: str, entry: Mapping[str, Any]) -> ModelSpec:
    """The model `name` of the manifest at `path`, checked. Raises ManifestError naming file, model and key."""
    if "name" in entry:
        raise ManifestError(f"'{path}': model '{name}', unknown key 'name'", "the name stands in the table's heading")
    try:
        spec = TypeAdapter(ModelSpec).validate_python({**entry, "name": name})
    except ValidationError as error:
        raise _explained(path, f"model '{name}', ", error, ModelSpec) from error
    if not spec.sha256 and not isinstance(spec.source, DistilledSource):
        raise ManifestError(f"'{path}': model '{name}' has no sha256", "lrev uses no file it cannot verify")
    if isinstance(spec.source, FileSource):
        return replace(spec, source=replace(spec.source, path=path.parent / spec.source.path.expanduser()))
    if not spec.filename:
        raise ManifestError(f"'{path}': model '{name}' has no filename", "docs/models.md explains the keys")
    return spec


def _parsed(path: Path) -> _File:
    try:
        return TypeAdapter(_File).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ManifestError(f"cannot open '{path}': {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot read '{path}': {error}") from error
    except ValidationError as error:
        raise _explained(path, "", error, _File) from error


def _explained(path: Path, where: str, error: ValidationError, model: type[ModelSpec | _File]) -> ManifestError:
    """One complaint in one line: a key that does not exist before one that is missing, which it may have meant."""
    unknown = [one for one in error.errors() if one["type"] == "unexpected_keyword_argument"]
    first = (unknown or error.errors())[0]
    key = ".".join(str(part) for part in first["loc"] if part not in _SOURCES)
    if not unknown:
        said = first["msg"][:1].lower() + first["msg"][1:]
        return ManifestError(f"'{path}': {where}key '{key}': {said}", "docs/models.md explains the keys")
    near = get_close_matches(str(first["loc"][-1]), _keys_beside(first, model), n=1)
    hint = f"did you mean '{near[0]}'" if near else "docs/models.md explains the keys"
    return ManifestError(f"'{path}': {where}unknown key '{key}'", hint)


def _keys_beside(complaint: ErrorDetails, model: type[ModelSpec | _File]) -> list[str]:
    kind = next((part for part in complaint["loc"] if part in _SOURCES), None)
    return [one.name for one in fields(_SOURCES[str(kind)] if kind else model)]
