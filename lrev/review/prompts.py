"""The prompt templates of prompts/: rendered in a sandbox, their hash part of every review."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lrev.errors import ManifestError

# Chat control tokens of the known prompt formats: text from outside never carries one into a prompt (invariant 7).
_CONTROL_TOKEN = re.compile(
    r"<[|｜][^|｜<>\n]{1,40}[|｜]>|</?s>|\[/?(?:INST|SYSTEM_PROMPT)\]|<</?SYS>>|</?think>|<(?:start|end)_of_turn>"  # noqa: RUF001
)
_FENCE = re.compile(r"^(\s*)(```+|~~~+)", re.MULTILINE)


def as_data(text: str) -> str:
    """`text` from outside, fit to stand inside a fence: no control tokens, no fence of its own."""
    removed = 1
    while removed:  # what is left may close up into another token
        text, removed = _CONTROL_TOKEN.subn("", text)
    return _FENCE.sub(r"\1'''", text)


def in_line(text: str) -> str:
    """The same for what stands outside of a fence: one line, without a mark that could begin one."""
    return " ".join(as_data(text).replace("`", "'").split())


@dataclass(frozen=True, slots=True)
class Prompts:
    """The folder `directory`, read when a template is rendered."""

    directory: Path

    def render(self, template: str, /, **values: object) -> str:
        """Template by name, such as `questions/closed`. Raises ManifestError if it is missing or broken."""
        path = self.directory / f"{template}.md"
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
        )
        try:
            return environment.from_string(path.read_text(encoding="utf-8")).render(values)
        except (OSError, TemplateError) as error:
            raise ManifestError(f"prompt '{path}' cannot be rendered: {error}") from error

    def sha256(self) -> str:
        """Over the names and bytes of every Markdown file below the folder."""
        digest = hashlib.sha256()
        for path in sorted(self.directory.rglob("*.md")):
            digest.update(path.relative_to(self.directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()
