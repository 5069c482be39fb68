"""Walking a directory: what cannot be a source file is passed over with the reason, and never waited for."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from lrev.errors import InputError
from lrev.source.tree import MAX_FILE_BYTES, DirectoryTree


def walked(tree: DirectoryTree) -> list[str]:
    return [entry.path for entry in tree.walk()]


def reasons(tree: DirectoryTree) -> dict[str, str]:
    return {skipped.path: skipped.why for skipped in tree.skipped}


def fill(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"int {len(name)};\n")


def test_files_before_folders_each_sorted(tmp_path: Path) -> None:
    fill(tmp_path, "b/y.c", "b/x.c", "a/z/1.c", "a/2.c", "top.c", "a.c", ".git/config", "b/x.o")
    assert walked(DirectoryTree(tmp_path)) == ["a.c", "top.c", "a/2.c", "a/z/1.c", "b/x.c", "b/y.c"]
    assert walked(DirectoryTree(tmp_path, ("b", "a/z"))) == ["b/x.c", "b/y.c", "a/z/1.c"]


def test_only_wanted_paths(tmp_path: Path) -> None:
    fill(tmp_path, "a.c", "a.bin")
    (tmp_path / "large.bin").write_bytes(b"\n" * (MAX_FILE_BYTES + 1))
    tree = DirectoryTree(tmp_path)
    assert [entry.path for entry in tree.walk(lambda path: path.endswith(".c"))] == ["a.c"]
    assert tree.skipped == []


def test_links_are_never_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "tree", tmp_path / "outside"
    fill(root, "a/a.c")
    fill(outside, "secret.c")
    (root / "file.c").symlink_to(outside / "secret.c")
    (root / "folder").symlink_to(outside)
    (root / "a/loop").symlink_to("..")
    (root / "self").symlink_to("self")
    tree = DirectoryTree(root)
    assert walked(tree) == ["a/a.c"]
    assert reasons(tree) == dict.fromkeys(("file.c", "folder", "a/loop", "self"), "symbolic link")


def test_what_is_no_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, "a.c")
    os.mkfifo(tmp_path / "fifo.c")
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("socket.h")
    listening.close()
    tree = DirectoryTree(tmp_path)
    assert walked(tree) == ["a.c"]
    assert reasons(tree) == dict.fromkeys(("fifo.c", "socket.h"), "not a regular file")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a device file")
def test_a_device_is_not_opened(tmp_path: Path) -> None:
    fill(tmp_path, "a.c")
    try:
        os.mknod(tmp_path / "zero.c", 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("device files may not be made here")
    tree = DirectoryTree(tmp_path)
    assert walked(tree) == ["a.c"]
    assert reasons(tree) == {"zero.c": "not a regular file"}


def test_a_generated_header_of_ten_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "registers.h").open("wb") as stream:
        stream.truncate(10_000_000)
    tree = DirectoryTree(tmp_path)
    assert walked(tree) == []
    assert reasons(tree) == {"registers.h": "larger than 4 MB"}


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    fill(tmp_path, os.fsdecode(b"Gl\xfch.c"), os.fsdecode(b"Gl\xc3\xbch.c"))
    os.mkfifo(tmp_path / os.fsdecode(b"\xff.c"))
    tree = DirectoryTree(tmp_path)
    (name,) = walked(tree)
    assert os.fsencode(name) == b"Gl\xc3\xbch.c"
    assert reasons(tree) == {"Gl\\xfch.c": "name is not UTF-8", "\\xff.c": "not a regular file"}


def test_a_folder_removed_during_the_walk(tmp_path: Path) -> None:
    fill(tmp_path, "a/1.c", "b/2.c", "c/3.c")
    tree = DirectoryTree(tmp_path)
    walk = tree.walk()
    assert next(walk).path == "a/1.c"
    shutil.rmtree(tmp_path / "b")
    assert [entry.path for entry in walk] == ["c/3.c"]
    assert reasons(tree) == {"b": "No such file or directory"}


def test_what_takes_the_place_of_a_walked_file_is_not_read(tmp_path: Path) -> None:
    fill(tmp_path, "link.c", "fifo.c", "gone.c", "folder.c")
    tree = DirectoryTree(tmp_path)
    paths = walked(tree)
    for path in paths:
        (tmp_path / path).unlink()
    (tmp_path / "link.c").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "fifo.c")
    (tmp_path / "folder.c").mkdir()
    assert [tree.read_walked(path) for path in paths] == [None, None, None, None]


def test_a_sub_path_outside_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="outside"):
        walked(DirectoryTree(tmp_path, ("../x",)))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_unreadable_files_and_folders(tmp_path: Path) -> None:
    fill(tmp_path, "open.c", "closed.c", "locked/in.c")
    (tmp_path / "closed.c").chmod(0o600)
    (tmp_path / "locked").chmod(0o700)
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        # A test that fails in here must not run the rest of the suite a second time.
        try:
            for folder in (tmp_path, *tmp_path.parents):
                if folder.stat().st_uid == 0 and folder != Path("/"):
                    folder.chmod(folder.stat().st_mode | 0o055)
            os.setuid(65534)
            tree = DirectoryTree(tmp_path)
            os.write(write, f"{walked(tree)} {sorted(reasons(tree).items())}".encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        told = stream.read()
    assert told == "['open.c'] [('closed.c', 'not readable'), ('locked', 'Permission denied')]"
