"""lrev.toml -> frozen settings; docs/settings.md explains the keys."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from lrev.errors import ManifestError
from lrev.paths import default_index_directory, home

_NAME = "lrev.toml"


class FailOn(StrEnum):
    """The least sure finding that makes `lrev review` exit with 1."""

    NEVER = "never"
    SUSPECTED = "suspected"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Settings:
    """Empty strings and 0 mean the default of models.toml or of the machine.

    `prompt_tokens` bounds one prompt with its answer; `review_tokens` what a model reads over one patch; both in tokens
    of the generator. The defaults are for a 1.5B model on two cores, which reads 80 tokens a second: half a minute for
    the largest prompt, some five minutes for the largest patch. `subsystem_weights` says by the beginning of a path how
    much a batch cares for it: 1 is as for the rest.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    index: Path = field(default_factory=default_index_directory)
    model: str = ""
    embedder: str = ""
    threads: Annotated[int, Field(ge=0)] = 0
    prompt_tokens: Annotated[int, Field(ge=256)] = 2400
    review_tokens: Annotated[int, Field(ge=256)] = 24000
    seed: int = 0
    fail_on: FailOn = FailOn.NEVER
    model_memory_megabytes: Annotated[int, Field(ge=0)] = 0
    subsystem_weights: dict[str, Annotated[float, Field(gt=0)]] = field(default_factory=dict)


def load_settings(path: Path | None = None, *, index: Path | None = None) -> Settings:
    """From `path`, else ./lrev.toml, else that in LREV_HOME, else the defaults; `index` goes before what they say.

    An index named in the file is looked for from the file's own directory. Raises ManifestError naming the key.
    """
    chosen = path or next((one for one in (Path(_NAME), home() / _NAME) if one.is_file()), None)
    settings = Settings() if chosen is None else _read(chosen)
    return settings if index is None else replace(settings, index=index)


def _read(path: Path) -> Settings:
    try:
        settings = TypeAdapter(Settings).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ManifestError(f"cannot open '{path}': {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot read '{path}': {error}") from error
    except ValidationError as error:
        raise _explained(path, error) from error
    return replace(settings, index=path.parent / settings.index.expanduser())


def _explained(path: Path, error: ValidationError) -> ManifestError:
    """The first complaint of pydantic in one line, with the nearest key for one that does not exist."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] != "unexpected_keyword_argument":
        said = first["msg"][:1].lower() + first["msg"][1:]
        return ManifestError(f"'{path}': key '{key}': {said}", "docs/settings.md explains the keys")
    near = get_close_matches(key, [one.name for one in fields(Settings)], n=1)
    hint = f"did you mean '{near[0]}'" if near else "docs/settings.md explains the keys"
    return ManifestError(f"'{path}': unknown key '{key}'", hint)
