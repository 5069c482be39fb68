"""A build that is killed: the old generation stays readable, and the next build goes on and cleans up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lrev.errors import Exit, LockHeld
from lrev.indexing.build import build
from lrev.indexing.holdings import Holdings
from lrev.indexing.layout import current_pointer, load
from lrev.indexing.reader import open_index
from lrev.indexing.sources import Sources, sources_of
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import make_tree

EMBEDDER = WordEmbedder()
PROJECT = Path(__file__).parents[3]
KILLS = 20
# More files than are parsed in the process itself, so that worker processes take part.
FILES = 60
PROGRAM = """
import sys
from pathlib import Path
from lrev.indexing.build import build
from lrev.indexing.sources import Sources
from tests.unit.indexing.embedding import WordEmbedder
print("ready", flush=True)
sys.stdin.readline()
build(Sources(), Path(sys.argv[1]), WordEmbedder())
print("done", flush=True)
"""
HOLDER = """
import sys
from pathlib import Path
from lrev.indexing.publish import builder_lock
print("ready", flush=True)
sys.stdin.readline()
with builder_lock(Path(sys.argv[1])):
    print("holding", flush=True)
    sys.stdin.read()
"""


def write_files(tree: Path, round_number: int) -> None:
    for at in range(FILES):
        text = f"int lamp_{at}_{round_number}(void)\n{{\n\treturn lamp_switch({at});\n}}\n"
        (tree / f"drivers/lamp/part{at}.c").write_text(text)


def start(index: Path, program: str = PROGRAM) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        (sys.executable, "-c", program, str(index)),
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return child


def test_killed_at_random_points(tmp_path: Path) -> None:
    tree, index = make_tree(tmp_path / "tree"), tmp_path / "index"
    write_files(tree, 0)
    build(sources_of([tree], []), index, EMBEDDER)
    write_files(tree, 1)
    with start(index) as child:
        started = time.monotonic()
        assert child.stdout is not None
        assert child.stdout.read() == "done\n"
    whole_seconds = time.monotonic() - started
    readable, interrupted, dice = 1, 0, random.Random(6)
    for round_number in range(2, 2 + KILLS):
        write_files(tree, round_number)
        with start(index) as child:
            time.sleep(dice.uniform(0, whole_seconds))
            child.send_signal(signal.SIGKILL)
        with open_index(index) as opened:
            assert opened.verify() == ()
            found = [at for at in range(round_number + 1) if opened.exists(f"lamp_{FILES - 1}_{at}")]
            assert found in ([readable], [round_number])
            readable = found[0]
            interrupted += readable != round_number
            assert all(opened.exists(f"lamp_{at}_{readable}") for at in range(FILES))
    assert interrupted > 0
    generation = build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        assert opened.exists(f"lamp_0_{KILLS + 1}")
        assert opened.verify() == ()
    assert sorted(path.name for path in (index / "segments").iterdir()) == sorted(one.id for one in generation.segments)
    left = sorted(path.name for path in (index / "generations").iterdir())
    assert left == [f"{generation.number}.{suffix}" for suffix in ("files.sqlite", "inferred.npy", "json")]
    assert not list(index.rglob("*.tmp"))


@pytest.mark.parametrize("step", ["listing.write", "publish"])
def test_killed_between_segment_and_pointer_the_segment_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    tree, index = make_tree(tmp_path / "tree"), tmp_path / "index"
    build(sources_of([tree], []), index, EMBEDDER)
    first = load(index)
    (tree / "drivers/lamp/new.c").write_text("void lamp_new(void)\n{\n}\n")

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(f"lrev.indexing.build.{step}", die)
        with pytest.raises(Killed):
            build(Sources(), index, EMBEDDER)
    assert load(index) == first
    (orphan,) = {path.name for path in (index / "segments").iterdir()} - {one.id for one in first.segments}
    second = build(Sources(), index, EMBEDDER)
    assert [one.id for one in second.segments] == [*(one.id for one in first.segments), orphan]
    with open_index(index) as opened:
        assert opened.exists("lamp_new")


def test_a_pointer_half_written_aside_does_no_harm(tmp_path: Path) -> None:
    build(sources_of([make_tree(tmp_path / "tree")], []), tmp_path / "index", EMBEDDER)
    current_pointer(tmp_path / "index").with_name("CURRENT.tmp").write_text("9")
    with open_index(tmp_path / "index") as opened:
        assert opened.generation.number == 1
    assert Holdings(tmp_path / "index").known() == frozenset()


def test_a_second_process_is_told_who_builds(tmp_path: Path) -> None:
    tree, index = make_tree(tmp_path / "tree"), tmp_path / "index"
    build(sources_of([tree], []), index, EMBEDDER)
    with start(index, HOLDER) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "holding\n"
        with pytest.raises(LockHeld, match=f"^process {child.pid} is building index '{index}'$") as told:
            build(Sources(), index, EMBEDDER)
        assert told.value.exit_code is Exit.MACHINE
        with open_index(index) as opened:
            assert opened.exists("lamp_light")
        assert child.stdin is not None
        child.stdin.close()
    build(Sources(), index, EMBEDDER)


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    tree, index = make_tree(tmp_path / "tree"), tmp_path / "index"
    build(sources_of([tree], []), index, EMBEDDER)
    child = start(index)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    write_files(tree, 3)
    build(Sources(), index, EMBEDDER)
