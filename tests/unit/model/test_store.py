"""What is on this machine, whether it is what models.toml says, and entering a file of one's own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from lrev.errors import MachineError, ManifestError, ModelMissing
from lrev.manifest import DistilledSource, FileSource, ModelSpec, PackageSource, Role, Tier, load_manifest
from lrev.manifest import user_models_file as models_toml
from lrev.model import store
from lrev.model.store import State
from lrev.paths import models_directory

DATA = b"GGUF and some weights"
SHA256 = hashlib.sha256(DATA).hexdigest()
PACKAGES = PackageSource("packages", "lamp==1", "lamp/lamp.gguf", 1)


def spec(source: PackageSource | FileSource | DistilledSource = PACKAGES, sha256: str = SHA256) -> ModelSpec:
    size = len(DATA) if sha256 else 0
    return ModelSpec("lamp", Role.GENERATOR, Tier.TEST, "MIT", source, "lamp.gguf", size, sha256)


@pytest.fixture
def lamp() -> Path:
    path = models_directory() / "lamp.gguf"
    path.write_bytes(DATA)
    return path


def test_a_missing_model_is_said_with_the_command_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing) as caught:
        store.locate(spec())
    assert (caught.value.message, caught.value.hint) == ("model 'lamp' is not here", "run: lrev models pull lamp")
    with pytest.raises(ModelMissing) as caught:
        store.locate(spec(FileSource("file", tmp_path / "lamp.gguf")))
    assert caught.value.hint == f"put the file at '{tmp_path}/lamp.gguf'"


def test_the_right_file_is_ready(lamp: Path) -> None:
    assert store.locate(spec()) == lamp
    assert store.verify(spec()).state is State.READY


def test_a_file_of_another_length_is_not_even_hashed(lamp: Path) -> None:
    lamp.write_bytes(DATA[:-1])
    assert store.verify(spec()).problem == f"{len(DATA) - 1} bytes instead of {len(DATA)}"


def test_one_changed_byte_is_found_before_use_even_after_it_was_ready_once(lamp: Path) -> None:
    store.locate(spec())
    lamp.write_bytes(DATA[:-1] + b"?")
    with pytest.raises(ModelMissing, match=r"not the file that models.toml names: sha256 .* instead of"):
        store.locate(spec())


def test_a_file_swapped_under_the_same_times_is_hashed_again(lamp: Path) -> None:
    """The change time cannot be set back, and the new file is another inode."""
    store.locate(spec())
    before = lamp.stat()
    other = lamp.with_name("other")
    other.write_bytes(DATA[:-1] + b"?")
    other.replace(lamp)
    os.utime(lamp, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.verify(spec(), remembered=True).state is State.WRONG


def test_a_hash_is_remembered_and_a_full_check_corrects_what_is_remembered(lamp: Path) -> None:
    """What a failing disk does: the bytes differ and no time does. Played by a memory of another hash."""
    store.locate(spec())
    memory = models_directory() / "verified.json"
    memory.write_text(memory.read_text().replace(SHA256, "0" * 64))
    assert store.verify(spec(), remembered=True).state is State.WRONG
    assert store.verify(spec()).state is State.READY
    assert store.verify(spec(), remembered=True).state is State.READY


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_a_broken_memory_is_made_anew(lamp: Path, text: str) -> None:
    memory = models_directory() / "verified.json"
    memory.write_text(text)
    assert store.locate(spec()) == lamp
    assert SHA256 in memory.read_text()


def test_a_folder_is_known_by_its_weights_and_nothing_else_will_do() -> None:
    folder = models_directory() / "lamp.gguf"
    folder.mkdir()
    (folder / "pytorch_model.bin").write_bytes(DATA)
    assert store.verify(spec()).state is State.MISSING
    (folder / "model.safetensors").write_bytes(DATA)
    assert store.verify(spec()).state is State.READY


def test_what_was_distilled_here_is_held_to_the_hash_it_had_then(lamp: Path) -> None:
    made = spec(DistilledSource("distilled", "teacher"), sha256="")
    assert store.verify(made).state is State.WRONG
    store.record(made, SHA256)
    assert store.recorded_sha256(made) == SHA256
    assert store.verify(made).state is State.READY
    lamp.write_bytes(b"other")
    assert store.verify(made, remembered=True).state is State.WRONG


def test_every_model_has_a_status() -> None:
    manifest = load_manifest()
    assert [(found.spec, found.state) for found in store.statuses(manifest)] == [
        (spec, State.MISSING) for spec in manifest.models
    ]


def test_too_little_space_is_said_in_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**10, 9 * 10**9, 10**9))
    with pytest.raises(MachineError, match=r"has 1\.0 GB free and 2\.3 GB are needed"):
        store.require_space(tmp_path, 2_300_000_000)
    store.require_space(tmp_path, 900_000_000)


def test_a_second_process_says_that_it_waits() -> None:
    said: list[str] = []
    with store.locked("lamp", lambda: said.append("waiting")):
        pass
    assert said == []
    path = models_directory() / "locks" / "lamp.lock"
    with path.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        def waiting() -> None:
            """The test would wait for good, so the lock is given up as soon as it is said."""
            said.append("waiting")
            fcntl.flock(held, fcntl.LOCK_UN)

        with store.locked("lamp", waiting):
            assert said == ["waiting"]


def added(file: Path, name: str = "mine") -> ModelSpec:
    return store.add(file, load_manifest(), name=name, context_tokens=4096, prompt_format="chatml")


@pytest.fixture
def brought(tmp_path: Path) -> Path:
    path = tmp_path / 'A model "of mine" (漢字).gguf'
    path.write_bytes(DATA)
    return path


def test_a_file_that_was_added_is_in_the_manifest_and_ready(brought: Path) -> None:
    mine = added(brought)
    assert load_manifest().get("mine") == mine
    assert mine.source == FileSource("file", brought)
    assert mine.sha256 == SHA256
    assert store.locate(mine) == brought


def test_what_stood_in_the_users_manifest_stays(brought: Path) -> None:
    models_toml().write_text("# a word of my own")
    added(brought, "one")
    added(brought, "two")
    assert models_toml().read_text().startswith("# a word of my own")
    assert {"one", "two"} <= {spec.name for spec in load_manifest().models}


@pytest.mark.parametrize("name", ["a model", "../x", "", ".x"])
def test_a_name_that_would_break_the_manifest_is_refused_before_anything_is_written(brought: Path, name: str) -> None:
    with pytest.raises(ManifestError, match="is no name for a model"):
        added(brought, name)
    assert not models_toml().exists()


def test_a_name_that_is_taken_is_refused(brought: Path) -> None:
    with pytest.raises(ManifestError, match="there is a model 'smollm2-135m' already"):
        added(brought, "smollm2-135m")


def test_only_gguf_files_are_added(tmp_path: Path) -> None:
    pickle = tmp_path / "model.gguf"
    pickle.write_bytes(b"\x80\x04not weights")
    with pytest.raises(ManifestError, match="is not a GGUF file"):
        added(pickle)
    with pytest.raises(ModelMissing, match=r"cannot open .*: No such file"):
        added(tmp_path / "none.gguf")
    with pytest.raises(ModelMissing, match=r"cannot open .*: Is a directory"):
        added(tmp_path)


def test_a_file_whose_name_no_manifest_can_hold_is_refused(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9.gguf")
    odd.write_bytes(DATA)
    with pytest.raises(ManifestError, match=r"is no name that models\.toml can hold"):
        added(odd)
    assert not models_toml().exists()
