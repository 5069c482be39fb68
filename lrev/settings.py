"""lrev.toml -> frozen settings; docs/settings.md explains the keys."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lrev.errors import ManifestError
from lrev.paths import default_index_directory, home

_NAME = "lrev.toml"


class FailOn(StrEnum):
    """The least sure finding that makes `lrev review` exit with 1."""

    NEVER = "never"
    SUSPECTED = "suspected"
    PROVEN = "proven"


class Settings(BaseModel):
    """Empty strings and 0 mean the default of models.toml or of the machine.

    `prompt_tokens` bounds one prompt with its answer; `review_tokens` what a model reads over one patch; both in tokens
    of the generator. The defaults are for a 1.5B model on two cores, which reads 80 tokens a second: half a minute for
    the largest prompt, some five minutes for the largest patch.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    index: Path = Field(default_factory=default_index_directory)
    model: str = ""
    embedder: str = ""
    threads: int = Field(default=0, ge=0)
    prompt_tokens: int = Field(default=2400, ge=256)
    review_tokens: int = Field(default=24000, ge=256)
    seed: int = 0
    fail_on: FailOn = FailOn.NEVER


def load_settings(path: Path | None = None, *, index: Path | None = None) -> Settings:
    """From `path`, else ./lrev.toml, else that in LREV_HOME, else the defaults; `index` goes before what they say.

    Raises ManifestError naming the key.
    """
    settings = _load(path)
    return settings if index is None else settings.model_copy(update={"index": index})


def _load(path: Path | None) -> Settings:
    chosen = path or next((one for one in (Path(_NAME), home() / _NAME) if one.is_file()), None)
    if chosen is None:
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(chosen.read_text(encoding="utf-8")))
    except OSError as error:
        raise ManifestError(f"cannot open '{chosen}': {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"'{chosen}': {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        near = get_close_matches(key, Settings.model_fields, n=1)
        if first["type"] == "extra_forbidden":
            hint = f"did you mean '{near[0]}'" if near else "docs/settings.md lists the keys"
            raise ManifestError(f"'{chosen}': unknown key '{key}'", hint) from error
        raise ManifestError(f"'{chosen}': {key}: {first['msg'].lower()}") from error
