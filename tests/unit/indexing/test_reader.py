from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.errors import IndexMissing
from lrev.indexing.build import build
from lrev.indexing.layout import load, manifest_path, segment_path
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.indexing.threads import patches_of, same_patch
from lrev.source.patch_id import patch_id
from lrev.types import ChunkKind, FactKind, SymbolKind
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, make_tree, thread

EMBEDDER = WordEmbedder()
ELEVEN = 1709550000  # the mails of thread() came in the seconds after
NOBODY = 65534


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("index")
    box = base / "list.mbox"
    box.write_bytes(b"".join(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + one + b"\n" for one in thread()))
    tree = make_tree(base / "tree")
    (tree / "tools").mkdir()
    (tree / "tools/lamp.c").write_text("int lamp_light(struct lamp *lamp)\n{\n\treturn 0;\n}\n")
    build(sources_of([tree], [box]), base / "index", EMBEDDER)
    return base / "index"


@pytest.fixture
def index(directory: Path) -> Iterator[Index]:
    with open_index(directory) as opened:
        yield opened


def test_definitions_put_the_body_before_declarations_and_those_before_copies_of_tools(index: Index) -> None:
    found = index.definitions("lamp_light")
    assert [(one.path, one.symbol.kind) for one in found] == [
        ("drivers/lamp/lamp.c", SymbolKind.FUNCTION),
        ("include/linux/lamp.h", SymbolKind.DECLARATION),
        ("tools/lamp.c", SymbolKind.FUNCTION),
    ]
    assert found[0].source == "drivers/lamp/lamp.c:7-13"
    assert index.definitions("lamp_light", (SymbolKind.STRUCT,)) == ()


def test_symbols_of_every_language(index: Index) -> None:
    for name, kind in {
        "LAMP_VOLTS": SymbolKind.MACRO,
        "lamp": SymbolKind.STRUCT,
        "CONFIG_LAMP": SymbolKind.CONFIG,
        "LAMPS": SymbolKind.MAINTAINERS,
    }.items():
        assert [one.symbol.kind for one in index.definitions(name)] == [kind], name


@pytest.mark.parametrize(
    ("name", "exists"),
    [
        ("lamp_switch", True),  # defined
        ("mutex_unlock", True),  # only called
        ("lit", True),  # only written, as a field
        ("LAMP_SWITCH", False),  # case counts
        ("lamp_swit", False),
        ("tomorrow", False),  # stands in mail alone
        ("Lamps", True),  # a word of Kconfig, which is source
    ],
)
def test_exists_is_exhaustive_over_source(index: Index, name: str, exists: bool) -> None:
    assert index.exists(name) is exists


def test_callers_and_callees(index: Index) -> None:
    assert [one.source for one in index.callers("lamp_switch")] == ["drivers/lamp/lamp.c:11"]
    assert [one.call.callee for one in index.callees("lamp_switch")] == ["mutex_lock", "mutex_unlock"]
    assert index.callers("lamp_switch", limit=0) == ()


def test_facts(index: Index) -> None:
    kinds = {fact.kind for fact in index.facts("lamp_light")}
    assert {FactKind.RETURNS_ERRNO, FactKind.DOC_RETURN} <= kinds


def test_words_find_parts_of_names_and_inflections(index: Index) -> None:
    assert index.words("switching lamps", 3, (ChunkKind.FUNCTION,))[0].chunk.name == "lamp_switch"


def test_kinds_limit_what_is_found(index: Index) -> None:
    for kind in (ChunkKind.DOCUMENT, ChunkKind.COMMENT, ChunkKind.PATCH, ChunkKind.FUNCTION):
        hits = index.search("mutex of the lamp", EMBEDDER, 10, (kind,))
        assert hits, kind
        assert {hit.chunk.kind for hit in hits} == {kind}


def test_a_named_symbol_comes_first(index: Index) -> None:
    hit = index.search("lamp_light", EMBEDDER)[0]
    assert hit.source == "drivers/lamp/lamp.c:3-13"
    assert "Return: 0, or -EINVAL" in hit.chunk.text


def test_source_and_mail_name_their_place(index: Index) -> None:
    comment = index.search("flag belongs to the mutex", EMBEDDER, 1, (ChunkKind.COMMENT,))[0]
    assert (comment.source, comment.message_id, comment.path) == ("2@example.org", "2@example.org", "")
    assert comment.date == ELEVEN + 2
    assert "> +\tlamp->lit = true;" in comment.chunk.text
    assert comment.chunk.text.startswith("drivers/lamp/lamp.c\n")


@pytest.mark.parametrize(("before", "found"), [(ELEVEN + 60, True), (ELEVEN - 86_400, False)])
def test_before_hides_later_mail_and_no_source(index: Index, before: int, found: bool) -> None:
    vector = EMBEDDER.encode(["lamp mutex"])[0]
    for hits in (
        index.words("lamp mutex", 20, (), before),
        index.vectors(vector, 20, (), before),
        index.search("lamp mutex", EMBEDDER, 20, (), before),
    ):
        assert any(hit.message_id for hit in hits) is found
        assert any(hit.path for hit in hits)


def test_a_query_of_nothing_but_signs_finds_no_words(index: Index) -> None:
    assert index.words('&& || !! () "', 5) == ()
    assert index.words("if the", 5) == ()


def test_thread_from_any_of_its_messages(index: Index) -> None:
    for name in ("1@example.org", "3@example.org"):
        assert [one.message_id for one in index.thread(name)] == ["1@example.org", "2@example.org", "3@example.org"]
    assert index.thread("absent@example.org") == ()


def test_a_message_comes_back_as_it_was(index: Index) -> None:
    from lrev.source.mail import parse

    assert index.message("2@example.org") == parse(thread()[1])


def test_patches_by_the_file_they_touch(index: Index) -> None:
    (one,) = patches_of(index, "drivers/lamp/lamp.c")
    assert (one.message_id, one.sender.name) == ("1@example.org", "Ann Author")
    assert patches_of(index, "drivers/lamp/other.c") == ()


def test_mails_by_their_patch_id(index: Index) -> None:
    message = index.message("1@example.org")
    assert message is not None
    assert same_patch(index, patch_id(message.body)) == ("1@example.org",)
    assert same_patch(index, "0" * 40) == ()


def test_status(index: Index) -> None:
    status = index.status()
    assert (status.embedder, status.messages, status.segments) == ("words", 3, 2)
    assert {count.kind: count.chunks for count in status.chunks}[ChunkKind.COMMENT] == 1
    assert status.size_bytes > 0
    assert [tree.files for tree in status.trees] == [7]


def test_verify_finds_a_flipped_byte(tmp_path: Path) -> None:
    build(sources_of([make_tree(tmp_path / "tree")], []), tmp_path / "index", EMBEDDER)
    with open_index(tmp_path / "index") as opened:
        assert opened.verify() == ()
        victim = segment_path(tmp_path / "index", opened.generation.segments[0].id) / "vectors.faiss"
        data = bytearray(victim.read_bytes())
        data[len(data) // 2] ^= 1
        victim.write_bytes(data)
        (problem,) = opened.verify()
    assert "'vectors.faiss' has changed" in problem


def test_a_reader_keeps_its_generation_while_another_is_published(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree")
    build(sources_of([tree], []), tmp_path / "index", EMBEDDER)
    with open_index(tmp_path / "index") as before:
        (tree / "drivers/lamp/lamp.c").write_text(LAMP_C.replace("lamp_switch", "lamp_turn"))
        build(Sources(), tmp_path / "index", EMBEDDER, rebuild=True)
        assert before.definitions("lamp_switch")
        assert before.search("lamp_switch", EMBEDDER)[0].chunk.name == "lamp_switch"
        with open_index(tmp_path / "index") as after:
            assert not after.definitions("lamp_switch")


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="no index in"):
        open_index(tmp_path)


@pytest.mark.parametrize(("field", "what"), [("schema_version", "schema"), ("chunker", "chunker")])
def test_another_version_is_refused_with_the_command_that_mends_it(tmp_path: Path, field: str, what: str) -> None:
    build(sources_of([make_tree(tmp_path / "tree")], []), tmp_path / "index", EMBEDDER)
    generation = load(tmp_path / "index")
    older = generation.model_copy(update={field: 0})
    manifest_path(tmp_path / "index", generation.number).write_text(older.model_dump_json())
    with pytest.raises(IndexMissing, match=what) as refused:
        open_index(tmp_path / "index")
    assert "lrev index --rebuild" in refused.value.hint
    build(Sources(), tmp_path / "index", EMBEDDER, rebuild=True)
    with open_index(tmp_path / "index") as opened:
        assert opened.exists("lamp_light")


def test_other_weights_are_refused(directory: Path, index: Index) -> None:
    with pytest.raises(IndexMissing, match="other weights"):
        open_index(directory, "f" * 64)
    with pytest.raises(IndexMissing, match="other weights"):
        index.search("lamp", WordEmbedder(sha256="f" * 64))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_another_user_reads_an_index_he_cannot_write(directory: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    for path in (directory, *directory.parents, *home.parents):
        if path.stat().st_uid == 0 and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o055)
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = snapshot(directory)
    # Read once as root: the other user may not be allowed to import from where Python is installed.
    program = f"""
import os
from pathlib import Path
from lrev.indexing.overlay import overlay_files
from lrev.indexing.reader import open_index
from tests.unit.indexing.embedding import WordEmbedder
for user in (0, {NOBODY}):
    os.setuid(user)
    os.environ["LREV_HOME"] = {str(home)!r} + "/" + str(user)
    with open_index(Path({str(directory)!r})) as opened:
        print(user, opened.search("lamp_light", WordEmbedder())[0].source, opened.verify())
        with overlay_files(opened, {{"drivers/lamp/new.c": b"int lamp_new;"}}, WordEmbedder()) as over:
            print(user, over.exists("lamp_new"))
"""
    root = Path(__file__).parents[3]
    command = (sys.executable, "-c", program)
    environment = {**os.environ, "HOME": "/nonexistent"}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False)
    wanted = [line for user in (0, NOBODY) for line in (f"{user} drivers/lamp/lamp.c:3-13 ()", f"{user} True")]
    assert done.stdout.splitlines() == wanted, done.stderr
    assert snapshot(directory) == before
    assert [path.stat().st_uid for path in (home / str(NOBODY)).rglob("store.sqlite")] == [NOBODY]


def snapshot(directory: Path) -> list[tuple[str, int, int, int]]:
    found = ((path, path.stat()) for path in (directory, *directory.rglob("*")))
    return sorted((str(path), one.st_mode, one.st_size, one.st_mtime_ns) for path, one in found)


def test_a_lock_file_that_tantivy_makes_during_the_removal_is_no_error(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    really = os.rmdir

    def busy(path: str, *, dir_fd: int | None = None) -> None:
        if "lrev-words-" in str(path):
            raise OSError(39, "Directory not empty", path)
        really(path, dir_fd=dir_fd)

    opened = open_index(directory)
    assert opened.words("lamp", 1)
    monkeypatch.setattr(os, "rmdir", busy)
    opened.close()
    assert list(tmp_path.glob("lrev-words-*"))
