from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.source.repositories import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: a file and a folder, then a change, a removal and a rename."""
    top = tmp_path / "tree"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    (top / "a.c").write_text("int a;\n")
    (top / "mm").mkdir()
    (top / "mm" / "b ü.c").write_text("int b;\n" * 9)
    git(top, "add", ".")
    git(top, "commit", "-qm", "one\n\nThe body.")
    (top / "a.c").write_text("long a;\n")
    git(top, "mv", "mm/b ü.c", "mm/c.c")
    git(top, "commit", "-qam", "two")
    return top
