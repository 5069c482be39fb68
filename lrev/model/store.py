"""Model files on this machine: where they are, whether they are what models.toml says, and how they come here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path

from lrev.errors import MachineError, ManifestError, ModelMissing
from lrev.manifest import DistilledSource, FileSource, Manifest, ModelSpec, Tier, user_models_file
from lrev.paths import models_directory, private_directory

GGUF_MAGIC = b"GGUF"
WEIGHTS = "model.safetensors"
_READ_BYTES = 1 << 22
Progress = Callable[[str, int, int], None]


class State(Enum):
    READY = "ready"
    MISSING = "not here"
    WRONG = "not the file that models.toml names"


@dataclass(frozen=True, slots=True)
class Verification:
    """`path` is where the model is or would be; `problem` is "" when it is ready."""

    spec: ModelSpec
    path: Path
    state: State
    problem: str = ""


def place(spec: ModelSpec) -> Path:
    """Where the model's file or folder belongs."""
    return spec.source.path if isinstance(spec.source, FileSource) else models_directory() / spec.filename


def weights(spec: ModelSpec) -> Path:
    """The file whose sha256 names the model: the GGUF, or the safetensors file of a folder."""
    path = place(spec)
    return path / WEIGHTS if path.is_dir() else path


def locate(spec: ModelSpec) -> Path:
    """The verified file or folder. Raises ModelMissing with the command that mends it (invariant 9)."""
    found = verify(spec, remembered=True)
    if found.state is State.READY:
        return found.path
    source = spec.source
    hint = (
        f"put the file at '{source.path}'" if isinstance(source, FileSource) else f"run: lrev models pull {spec.name}"
    )
    raise ModelMissing(
        f"model '{spec.name}' is {found.state.value}" + (f": {found.problem}" if found.problem else ""), hint
    )


def verify(spec: ModelSpec, *, remembered: bool = False) -> Verification:
    """Compares size and sha256. `remembered`: a file that was hashed and not touched since is not read again."""
    path, file = place(spec), weights(spec)
    if not file.is_file():
        return Verification(spec, path, State.MISSING)
    if spec.size_bytes and file.stat().st_size != spec.size_bytes:
        problem = f"{file.stat().st_size} bytes instead of {spec.size_bytes}"
        return Verification(spec, path, State.WRONG, problem)
    expected = spec.sha256 or recorded_sha256(spec)
    found = remembered_sha256(file) if remembered else sha256_of(file)
    if found != expected:
        return Verification(spec, path, State.WRONG, f"sha256 {found[:12]}... instead of {expected[:12] or 'none'}...")
    return Verification(spec, path, State.READY)


def sha256_of(path: Path, progress: Callable[[int], None] = lambda _: None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
            progress(len(block))
    return digest.hexdigest()


def recorded_sha256(spec: ModelSpec) -> str:
    """What a model that was distilled here had when it was made; "" when it never was."""
    path = _record(spec)
    return path.read_text().strip() if path.is_file() else ""


def record(spec: ModelSpec, sha256: str) -> None:
    _record(spec).write_text(sha256 + "\n")


def _record(spec: ModelSpec) -> Path:
    return models_directory() / f"{spec.filename}.sha256"


def remembered_sha256(path: Path) -> str:
    """The hash of a file, kept with its size, times and inode in LREV_HOME, which only its owner can write."""
    memory = models_directory() / "verified.json"
    found = path.stat()
    key = f"{path.resolve()}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        known = {}
    if key not in known:
        known = {name: value for name, value in known.items() if not name.startswith(f"{path.resolve()}:")}
        known[key] = sha256_of(path)
        aside = memory.with_suffix(f".{os.getpid()}.part")
        aside.write_text(json.dumps(known, indent=1))
        aside.replace(memory)
    return str(known[key])


def statuses(manifest: Manifest) -> tuple[Verification, ...]:
    """Every model, hashed only if it changed since it was last hashed."""
    return tuple(verify(spec, remembered=True) for spec in manifest.models)


def require_space(directory: Path, needed_bytes: int) -> None:
    """Raises MachineError with the numbers when the disk has less than `needed_bytes`."""
    free = shutil.disk_usage(directory).free
    if free < needed_bytes:
        raise MachineError(
            f"'{directory}' has {free / 1e9:.1f} GB free and {needed_bytes / 1e9:.1f} GB are needed",
            "free some space or set LREV_HOME to another disk",
        )


@contextmanager
def locked(name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """One process at a time per model; a second one calls `waiting` once and waits."""
    path = private_directory(models_directory() / "locks") / f"{name}.lock"
    with path.open("w") as stream:
        try:
            flock(stream, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            waiting()
            flock(stream, LOCK_EX)
        try:
            yield
        finally:
            flock(stream, LOCK_UN)


def add(file: Path, manifest: Manifest, *, name: str, context_tokens: int, prompt_format: str) -> ModelSpec:
    """Enters a GGUF that the user has brought into LREV_HOME/models.toml, with the hash it has now."""
    if any(spec.name == name for spec in manifest.models):
        raise ManifestError(f"there is a model '{name}' already", "give another with --name")
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelMissing(f"cannot open '{file}': {error.strerror}") from error
    if magic != GGUF_MAGIC:
        raise ManifestError(f"'{file}' is not a GGUF file", "lrev loads GGUF and safetensors files only")
    entry = {
        "role": "generator",
        "tier": Tier.SMALL.value,
        "licence": "as its publisher states",
        "filename": file.name,
        "size_bytes": file.stat().st_size,
        "sha256": sha256_of(file),
        "context_tokens": context_tokens,
        "prompt_format": prompt_format,
    }
    path = user_models_file()
    lines = [f"\n[models.{json.dumps(name)}]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
    lines += [f"[models.{json.dumps(name)}.source]", 'kind = "file"', f"path = {json.dumps(str(file.resolve()))}"]
    with path.open("a", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    return ModelSpec.model_validate({"name": name, **entry, "source": {"kind": "file", "path": str(file.resolve())}})


def is_distilled(spec: ModelSpec) -> bool:
    return isinstance(spec.source, DistilledSource)
