"""Small git repositories made by the tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ann Author",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "1709550000 +0000",
    "GIT_COMMITTER_NAME": "Ann Author",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_COMMITTER_DATE": "1709550000 +0000",
}


def git(where: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=where, env={**os.environ, **AUTHOR}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def new_repository(top: Path) -> Path:
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    return top


def commit(top: Path, message: str, files: Mapping[str, str | None]) -> str:
    """The id of a commit that writes `files`, or takes away those that are None."""
    for path, text in files.items():
        if text is None:
            git(top, "rm", "-q", path)
            continue
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
        git(top, "add", path)
    git(top, "commit", "-q", "--allow-empty", "-m", message)
    return git(top, "rev-parse", "HEAD")
