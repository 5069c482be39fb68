"""A disk that is really full, at every step of a build and of an overlay: one line, and what was there is intact."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from lrev.errors import Exit, MachineError
from lrev.indexing.build import build
from lrev.indexing.layout import load
from lrev.indexing.overlay import overlay
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.source.tree import DirectoryTree
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import make_tree

T = TypeVar("T")
EMBEDDER = WordEmbedder()
DISK_BYTES = 8 * 1024 * 1024
# A page more each time, from nothing at all until it is enough: every step of the work is once without space.
FREE_BYTES = range(0, DISK_BYTES // 4, 4096)
# Fewer than worker processes are started for.
NEW_FILES = 12


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "disk"
    path.mkdir()
    command = ("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "lrev-test", str(path))
    done = subprocess.run(command, capture_output=True, text=True, check=False) if os.getuid() == 0 else None
    if done is None or done.returncode != 0:
        pytest.skip(f"a disk of its own cannot be mounted here: {done.stderr.strip() if done else 'only root may'}")
    yield path
    subprocess.run(("umount", "--lazy", str(path)), check=True)


def leave_free(disk: Path, free_bytes: int) -> None:
    """A file that takes all but that much."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    found = os.statvfs(disk)
    with filler.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, max(found.f_bavail * found.f_bsize - free_bytes, 1))


def write_new(tree: Path) -> None:
    for at in range(NEW_FILES):
        text = "".join(f"int lamp_{at}_{part}(void)\n{{\n\treturn {part};\n}}\n" for part in range(50))
        (tree / f"drivers/lamp/new{at}.c").write_text(text)


def refusal(work: Callable[[], T]) -> MachineError | T:
    try:
        return work()
    except MachineError as error:
        return error


def test_a_build_on_a_full_disk(tmp_path: Path, disk: Path) -> None:
    tree, index = make_tree(tmp_path / "tree"), disk / "index"
    first = build(sources_of([tree], []), index, EMBEDDER)
    write_new(tree)
    refused = 0
    for free_bytes in FREE_BYTES:
        leave_free(disk, free_bytes)
        error = refusal(lambda: build(Sources(), index, EMBEDDER))
        if not isinstance(error, MachineError):
            break
        refused += 1
        assert error.message == f"no space left for index '{index}'"
        assert error.exit_code is Exit.MACHINE
        assert "the old index is intact" in error.hint
        assert load(index) == first
        with open_index(index) as opened:
            assert opened.verify() == ()
            assert opened.search("lamp_light", EMBEDDER)
    assert refused > 10
    with open_index(index) as opened:
        assert opened.verify() == ()
        assert all(opened.exists(f"lamp_{at}_0") for at in range(NEW_FILES))
    assert not list(index.rglob("*.tmp"))


def test_a_first_build_on_a_full_disk(tmp_path: Path, disk: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    leave_free(disk, 0)
    with pytest.raises(MachineError, match="no space left"):
        build(sources_of([tree], []), disk / "index", EMBEDDER)


def test_an_overlay_on_a_full_disk(tmp_path: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = make_tree(tmp_path / "tree")
    build(sources_of([tree], []), tmp_path / "index", EMBEDDER)
    write_new(tree)
    monkeypatch.setenv("LREV_HOME", str(disk / "home"))
    refused = 0
    with open_index(tmp_path / "index") as opened:
        for free_bytes in FREE_BYTES:
            leave_free(disk, free_bytes)
            over = refusal(lambda: overlay(opened, DirectoryTree(tree), EMBEDDER))
            if not isinstance(over, MachineError):
                break
            refused += 1
            assert over.message.startswith("no space left for ")
            assert "\n" not in over.message
            assert list((disk / "home/cache/overlays").glob("*")) == []
        assert refused > 10
        assert isinstance(over, Index)
        with over:
            assert over.exists("lamp_7_0")
    (only,) = (disk / "home/cache/overlays").iterdir()
    assert not only.name.endswith(".tmp")
