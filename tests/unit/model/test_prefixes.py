"""Prefixes on the disk: what was written comes back, and nothing else is taken."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lrev.model.cells import State
from lrev.model.leaves import Chunks
from lrev.model.prefixes import Prefixes

CHUNKS: Chunks = (tuple(range(16)),)
OTHER: Chunks = (tuple(range(1, 17)),)
STATE = b"a state as llama.cpp writes it" * 10


def saved(data: bytes = STATE) -> State:
    return (ctypes.c_uint8 * len(data)).from_buffer_copy(data)


@pytest.fixture
def prefixes(tmp_path: Path) -> Prefixes:
    found = Prefixes(tmp_path / "prefixes", "model build")
    found.store(CHUNKS, saved)
    return found


def only_file(prefixes: Prefixes) -> Path:
    (path,) = prefixes.directory.iterdir()
    return path


def loaded(prefixes: Prefixes, chunks: Chunks = CHUNKS) -> bytes | None:
    state = prefixes.load(chunks)
    return None if state is None else bytes(state)


def test_what_was_written_comes_back(prefixes: Prefixes) -> None:
    assert loaded(prefixes) == STATE
    assert only_file(prefixes).stat().st_mode & 0o777 == 0o600
    assert prefixes.directory.stat().st_mode & 0o777 == 0o700


def test_other_tokens_another_cut_and_another_build_are_something_else(prefixes: Prefixes) -> None:
    assert loaded(prefixes, OTHER) is None
    assert loaded(prefixes, (CHUNKS[0][:8], CHUNKS[0][8:])) is None
    assert loaded(replace(prefixes, identity="model another build")) is None


@pytest.mark.parametrize("at", [0, 20, 60, -1], ids=["magic", "hash", "state", "end"])
def test_a_changed_byte_is_noticed_and_the_file_goes(prefixes: Prefixes, at: int) -> None:
    path = only_file(prefixes)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    assert loaded(prefixes) is None
    assert not path.exists()


@pytest.mark.parametrize("length", [0, 10, 46, 100])
def test_a_cut_off_file_is_noticed(prefixes: Prefixes, length: int) -> None:
    path = only_file(prefixes)
    path.write_bytes(path.read_bytes()[:length])
    assert loaded(prefixes) is None


def test_a_file_for_other_tokens_under_this_name_is_noticed(prefixes: Prefixes) -> None:
    path = only_file(prefixes)
    data = path.read_bytes()
    prefixes.store(OTHER, lambda: saved(b"another"))
    (other,) = {*prefixes.directory.iterdir()} - {path}
    other.write_bytes(data)
    assert loaded(prefixes, OTHER) is None
    assert loaded(prefixes) == STATE


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_taken(prefixes: Prefixes, mode: int) -> None:
    only_file(prefixes).chmod(mode)
    assert loaded(prefixes) is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_nothing_is_taken_from_a_directory_that_others_may_write(prefixes: Prefixes, mode: int) -> None:
    prefixes.directory.chmod(mode)
    assert loaded(prefixes) is None


def test_nothing_is_taken_from_another_user(prefixes: Prefixes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: prefixes.directory.stat().st_uid + 1)
    assert loaded(prefixes) is None
    before = list(prefixes.directory.iterdir())
    prefixes.store(OTHER, saved)
    assert list(prefixes.directory.iterdir()) == before


def test_a_link_is_not_followed(prefixes: Prefixes, tmp_path: Path) -> None:
    path = only_file(prefixes)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert loaded(prefixes) is None
    linked = replace(prefixes, directory=tmp_path / "linked")
    path.unlink()
    (tmp_path / "elsewhere").rename(path)
    linked.directory.symlink_to(prefixes.directory)
    assert loaded(linked) is None


def test_the_directory_stays_within_its_bound(prefixes: Prefixes) -> None:
    bounded = replace(prefixes, limit_bytes=4 * len(STATE))
    for number in range(20):
        bounded.store((tuple(range(number, number + 16)),), saved)
        assert sum(one.stat().st_size for one in bounded.directory.iterdir()) <= bounded.limit_bytes
    assert bounded.load((tuple(range(19, 35)),)) is not None
    bounded.store(OTHER, lambda: saved(STATE * 4))
    assert bounded.load(OTHER) is None


def test_the_one_used_longest_ago_goes_first(prefixes: Prefixes) -> None:
    bounded = replace(prefixes, limit_bytes=3 * len(STATE) - 1)
    os.utime(only_file(prefixes), (1, 1))
    bounded.store(OTHER, saved)
    os.utime(bounded.directory / max(bounded.directory.iterdir(), key=lambda one: one.stat().st_mtime), (2, 2))
    assert loaded(bounded) == STATE  # used now
    bounded.store(((5,) * 16,), saved)
    assert loaded(bounded) == STATE
    assert loaded(bounded, OTHER) is None


def test_few_tokens_are_not_worth_a_file(tmp_path: Path) -> None:
    found = Prefixes(tmp_path / "prefixes", "model")
    found.store(((1, 2, 3),), saved)
    assert not found.directory.exists()


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        yield


def test_a_full_disk_stops_nothing(prefixes: Prefixes, monkeypatch: pytest.MonkeyPatch) -> None:
    with full_disk(monkeypatch):
        prefixes.store(OTHER, saved)
        assert loaded(prefixes, OTHER) is None
    assert len(list(prefixes.directory.iterdir())) == 1
