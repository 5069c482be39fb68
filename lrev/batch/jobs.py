"""A job: one patch of a series, what it is known by, and where it stands."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from enum import Enum

from pydantic import TypeAdapter

from lrev.source.markers import upstream_markers
from lrev.types import FileDiff, Patch, Series

_SERIES: TypeAdapter[Series] = TypeAdapter(Series)
_FILES: TypeAdapter[tuple[FileDiff, ...]] = TypeAdapter(tuple[FileDiff, ...])
_SLUG_CHARACTERS = 50


class State(Enum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What code alone knows of a patch before its review.

    `suspicions` are those of the checks, `asked` the rule of each question that a model would be asked, `rules` all
    that matched; `tokens` is what reading may cost, `subsystem` a section of MAINTAINERS or a first directory.
    """

    suspicions: int = 0
    asked: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    tokens: int = 0
    subsystem: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """`place` counts from 0 in the series `series`. `key` is what its review would be made from now, `done_key` what it
    was made from, "" if there is none. `name` is the stem of its files.
    """

    number: int
    series: str
    place: int
    subject: str
    author: str
    message_id: str
    state: State
    reason: str
    worth: float
    weighed: Weighed | None
    weighed_for: str
    key: str
    done_key: str
    identity: str

    @property
    def name(self) -> str:
        words = re.sub(r"[^A-Za-z0-9]+", "-", self.subject).strip("-").lower()
        return f"{self.number:04d}-{words[:_SLUG_CHARACTERS].strip('-')}"

    @property
    def is_stale(self) -> bool:
        return self.state is State.DONE and self.done_key != self.key

    @property
    def is_due(self) -> bool:
        return self.state is State.WAITING or self.is_stale


def identity(series: Series, place: int) -> str:
    """sha256 of all of a series that takes part in the review of one of its patches.

    Of the patch its message and diff, of the others the diff, and what their messages say they are; neither who sent it
    where, nor what stands below the message. The same patch sent again is the same job.
    """
    patch = series.patches[place]
    own = (patch.subject, patch.author.name, patch.author.address, patch.description, patch.base_commit, patch.commit)
    others = [
        (one.subject, one.commit, [marker.commit for marker in upstream_markers(one.description)], _files(one))
        for one in series.patches
        if one is not patch
    ]
    return digest(own, _files(patch), place, others)


def digest(*parts: object) -> str:
    """sha256 over the JSON of what is given."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def series_text(series: Series) -> str:
    """ASCII JSON; bytes that were no text stay as \\udcXX escapes."""
    return json.dumps(_SERIES.dump_python(series), default=_value)


def series_of(text: str) -> Series:
    return _SERIES.validate_python(json.loads(text))


def _files(patch: Patch) -> object:
    return json.loads(json.dumps(_FILES.dump_python(patch.files), default=_value))


def _value(one: Enum) -> object:
    return one.value
