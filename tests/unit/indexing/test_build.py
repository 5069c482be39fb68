from __future__ import annotations

import os
from pathlib import Path

import pytest

from lrev.errors import IndexMissing, LockHeld, MachineError, UsageError
from lrev.indexing.build import build
from lrev.indexing.layout import Generation, load
from lrev.indexing.publish import builder_lock, prepare
from lrev.indexing.reader import open_index
from lrev.indexing.segment_writer import SegmentWriter
from lrev.indexing.sources import Sources, merged, sources_of
from lrev.indexing.tree_names import TreeSource
from lrev.source.tree import DirectoryTree
from lrev.types import ChunkKind, SymbolKind
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, V2Epoch, mail, make_tree, thread

EMBEDDER = WordEmbedder()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def segments(generation: Generation) -> list[str]:
    return [record.id for record in generation.segments]


def test_only_new_blobs_make_a_new_segment(tree: Path, index: Path) -> None:
    first = build(sources_of([tree], []), index, EMBEDDER)
    (tree / "drivers/lamp/lamp.c").write_text(LAMP_C.replace("lamp_switch", "lamp_turn"))
    second = build(Sources(), index, EMBEDDER)
    assert segments(second)[:-1] == segments(first)
    assert second.segments[-1].blobs == 1
    with open_index(index) as opened:
        assert not opened.definitions("lamp_switch")
        assert [one.source for one in opened.definitions("lamp_turn")] == ["drivers/lamp/lamp.c:15-20"]


def test_nothing_new_publishes_nothing(tree: Path, index: Path) -> None:
    first = build(sources_of([tree], []), index, EMBEDDER)
    before = sorted(path.stat().st_mtime_ns for path in index.rglob("*") if path.name != "lock")
    assert build(Sources(), index, EMBEDDER) == first
    assert sorted(path.stat().st_mtime_ns for path in index.rglob("*") if path.name != "lock") == before


def test_a_file_only_touched_is_not_parsed_again(tree: Path, index: Path) -> None:
    first = build(sources_of([tree], []), index, EMBEDDER)
    os.utime(tree / "drivers/lamp/lamp.c", (1, 1))
    second = build(Sources(), index, EMBEDDER)
    assert segments(second) == segments(first)
    assert build(Sources(), index, EMBEDDER) == second


def test_a_deleted_file_is_masked_and_comes_back_without_parsing(tree: Path, index: Path) -> None:
    first = build(sources_of([tree], []), index, EMBEDDER)
    (tree / "drivers/lamp/lamp.c").unlink()
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        assert not opened.exists("lamp_switch")
        assert opened.exists("LAMP_VOLTS")
    (tree / "drivers/lamp/lamp.c").write_text(LAMP_C)
    assert segments(build(Sources(), index, EMBEDDER)) == segments(first)


def test_two_trees_share_what_is_the_same(tree: Path, index: Path, tmp_path: Path) -> None:
    other = make_tree(tmp_path / "other")
    generation = build(sources_of([tree, other], []), index, EMBEDDER)
    assert sum(record.blobs for record in generation.segments) == 6
    with open_index(index) as opened:
        assert {one.tree for one in opened.definitions("lamp_light", (SymbolKind.FUNCTION,))} == {"tree", "other"}


def test_sub_paths_of_one_root_are_merged(tree: Path, index: Path) -> None:
    build(sources_of([tree / "drivers"], []), index, EMBEDDER)
    generation = build(sources_of([tree / "Documentation", tree / "drivers/lamp"], []), index, EMBEDDER)
    assert [(one.name, one.within) for one in generation.trees] == [("tree", ("Documentation", "drivers"))]
    assert merged(Sources((TreeSource("tree", tree),)), generation).trees[0].within == ()


def test_nothing_to_index_is_the_users_mistake(index: Path) -> None:
    with pytest.raises(UsageError, match="nothing to index"):
        build(Sources(), index, EMBEDDER)


def test_a_tree_without_sources_is_the_users_mistake(index: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/lamp.png").write_bytes(b"x")
    with pytest.raises(UsageError, match="nothing to index in tree"):
        build(sources_of([tmp_path / "pictures"], []), index, EMBEDDER)


def test_another_embedder_is_refused_until_rebuilt(tree: Path, index: Path) -> None:
    build(sources_of([tree], []), index, EMBEDDER)
    other = WordEmbedder(sha256="1" * 64, dimension=32)
    with pytest.raises(IndexMissing, match="embedder 'words'") as refused:
        build(Sources(), index, other)
    assert "--rebuild" in refused.value.hint
    generation = build(Sources(), index, other, rebuild=True)
    assert generation.embedder.dimension == 32
    with open_index(index, other.sha256) as opened:
        assert opened.exists("lamp_light")


def test_a_second_builder_is_told_who_holds_the_lock(tree: Path, index: Path) -> None:
    prepare(index)
    with builder_lock(index), pytest.raises(LockHeld, match=rf"process {os.getpid()} "):
        build(sources_of([tree], []), index, EMBEDDER)


def test_a_full_disk_is_one_line_and_leaves_the_old_index(
    tree: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(sources_of([tree], []), index, EMBEDDER)
    (tree / "drivers/lamp/new.c").write_text("int lamp_new(void)\n{\n\treturn 0;\n}\n")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SegmentWriter, "close", full)
    with pytest.raises(MachineError, match="no space left"):
        build(Sources(), index, EMBEDDER)
    assert load(index) == first
    with open_index(index) as opened:
        assert opened.verify() == ()
    monkeypatch.undo()
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        assert opened.exists("lamp_new")
    assert not list(index.rglob("*.tmp"))


def test_files_that_cannot_be_indexed_are_counted_and_named(tree: Path, index: Path) -> None:
    (tree / "drivers/lamp/outside.c").symlink_to("/etc/passwd")
    (tree / "drivers/lamp/binary.h").write_bytes(b"\0\1\2")
    (tree / "drivers/lamp/latin.c").write_bytes(b"/* Gl\xfchlampe */\nint lamp_latin(void)\n{\n\treturn 1;\n}\n")
    (tree / "drivers/lamp/empty.c").write_bytes(b"")
    build(sources_of([tree], []), index, EMBEDDER)
    (tree / "drivers/lamp/lamp.c").write_text(LAMP_C + "\n")
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        status = opened.status()
        assert {(one.path, one.why) for one in status.skipped} == {
            ("drivers/lamp/outside.c", "symbolic link"),
            ("drivers/lamp/binary.h", "binary"),
        }
        assert status.skipped_total == 2
        assert opened.exists("lamp_latin")


def test_nothing_in_a_tree_is_fatal(tree: Path, index: Path) -> None:
    lamp = tree / "drivers/lamp"
    os.mkfifo(lamp / "fifo.c")
    (lamp / "loop").symlink_to("..")
    with (lamp / "registers.h").open("wb") as stream:
        stream.truncate(10_000_000)
    for name in (b"Gl\xfch.c", b"Gl\xc3\xbch.c"):
        (lamp / os.fsdecode(name)).write_text("int lamp_glow(void)\n{\n\treturn 1;\n}\n")
    build(sources_of([tree], []), index, EMBEDDER)
    with open_index(index) as opened:
        assert {(one.source, one.path, one.why) for one in opened.status().skipped} == {
            ("tree", "drivers/lamp/fifo.c", "not a regular file"),
            ("tree", "drivers/lamp/loop", "symbolic link"),
            ("tree", "drivers/lamp/registers.h", "larger than 4 MB"),
            ("tree", "drivers/lamp/Gl\\xfch.c", "name is not UTF-8"),
        }
        assert [one.path for one in opened.definitions("lamp_glow")] == [
            "drivers/lamp/Gl\N{LATIN SMALL LETTER U WITH DIAERESIS}h.c"
        ]


def test_a_file_that_cannot_be_read_is_named(tree: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = DirectoryTree.read_walked

    def failing(self: DirectoryTree, path: str) -> bytes | None:
        return None if path.endswith("lamp.c") else read(self, path)

    monkeypatch.setattr(DirectoryTree, "read_walked", failing)
    build(sources_of([tree], []), index, EMBEDDER)
    with open_index(index) as opened:
        assert [(one.path, one.why) for one in opened.status().skipped] == [("drivers/lamp/lamp.c", "not readable")]


def test_mail_is_kept_once_and_read_on(index: Path, tmp_path: Path) -> None:
    epoch = V2Epoch(tmp_path / "list" / "git" / "0.git")
    for one in thread():
        epoch.add(one)
    copy = tmp_path / "copy.mbox"
    copy.write_bytes(
        b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + thread()[0].replace(b"Light the", b"Dim the") + b"\n"
    )
    first = build(Sources(mail=(tmp_path / "list", copy)), index, EMBEDDER)
    assert sum(record.messages for record in first.segments) == 3
    epoch.add(mail(4, "Re: lamps", "More to come.\n", "3@example.org"))
    second = build(Sources(), index, EMBEDDER)
    assert second.segments[-1].messages == 1
    with open_index(index) as opened:
        assert [one.message_id.partition("@")[0] for one in opened.thread("3@example.org")] == ["1", "2", "3", "4"]


def test_mail_that_its_archive_deleted_is_hidden(index: Path, tmp_path: Path) -> None:
    epoch = V2Epoch(tmp_path / "list" / "git" / "0.git")
    for one in thread():
        epoch.add(one)
    build(Sources(mail=(tmp_path / "list",)), index, EMBEDDER)
    epoch.add(thread()[1], "d")
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        assert opened.message("2@example.org") is None
        assert not opened.words("mutex", 5, (ChunkKind.COMMENT,))
        assert opened.message("1@example.org") is not None


def test_mail_of_many_mornings_is_kept_in_few_segments(index: Path, tmp_path: Path) -> None:
    epoch = V2Epoch(tmp_path / "list" / "git" / "0.git")
    gone = tmp_path / "gone.mbox"
    gone.write_bytes(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mail(99, "old", "An old lamp.\n") + b"\n")
    epoch.add(mail(0, "first", "The first lamp.\n"))
    build(Sources(mail=(gone, tmp_path / "list")), index, EMBEDDER)
    gone.unlink()
    for day in range(1, 31):
        epoch.add(mail(day, f"day {day}", f"Lamp number {day}.\n"))
        generation = build(Sources(), index, EMBEDDER)
        assert len(generation.segments) <= 13
    with open_index(index) as opened:
        assert all(opened.message(f"{number}@example.org") is not None for number in (*range(31), 99))
    assert sum(record.messages for record in generation.segments) == 32


def test_mail_that_was_purged_is_gone(index: Path, tmp_path: Path) -> None:
    """public-inbox-purge writes the history anew without the mail."""
    other = tmp_path / "other.mbox"
    other.write_bytes(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + mail(9, "nine", "Nine lamps.\n") + b"\n")
    epoch = V2Epoch(tmp_path / "list" / "git" / "0.git")
    epoch.add(thread()[0])
    epoch.add(thread()[1])
    build(Sources(mail=(tmp_path / "list", other)), index, EMBEDDER)
    epoch.rewind()
    epoch.add(mail(4, "four", "Four lamps.\n"))
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        there = [number for number in (1, 2, 4, 9) if opened.message(f"{number}@example.org") is not None]
        assert there == [4, 9]
        assert not opened.words("mutex", 5, (ChunkKind.COMMENT,))


def test_an_archive_that_is_gone_keeps_its_mail(index: Path, tmp_path: Path) -> None:
    path = tmp_path / "one.eml"
    path.write_bytes(mail(1, "one", "A lamp is a lamp.\n"))
    build(Sources(mail=(path,)), index, EMBEDDER)
    path.unlink()
    build(Sources(), index, EMBEDDER)
    with open_index(index) as opened:
        assert opened.message("1@example.org") is not None
        assert [one.why for one in opened.status().skipped] == [f"no mail at '{path}'"]
