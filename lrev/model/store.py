"""Model files on this machine: where they are, whether they are what models.toml says, and how they come here."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from re import fullmatch

from lrev.errors import MachineError, ManifestError, ModelMissing
from lrev.manifest import (
    PLAIN_NAME,
    DistilledSource,
    FileSource,
    Manifest,
    ModelSpec,
    Tier,
    model_spec,
    user_models_file,
)
from lrev.paths import models_directory, private_directory, write_beside

GGUF_MAGIC = b"GGUF"
WEIGHTS = "model.safetensors"
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
    found = remembered_sha256(file, again=not remembered)
    if found != expected:
        return Verification(spec, path, State.WRONG, f"sha256 {found[:12]}... instead of {expected[:12] or 'none'}...")
    return Verification(spec, path, State.READY)


def sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def recorded_sha256(spec: ModelSpec) -> str:
    """What a model that was distilled here had when it was made; "" when it never was."""
    path = _record(spec)
    return path.read_text().strip() if path.is_file() else ""


def record(spec: ModelSpec, sha256: str) -> None:
    _replace(_record(spec), sha256 + "\n")


def _record(spec: ModelSpec) -> Path:
    return models_directory() / f"{spec.filename}.sha256"


def remembered_sha256(path: Path, *, again: bool = False) -> str:
    """The hash of a file, kept with its size, times and inode in LREV_HOME, which only its owner can write.

    `again` reads the file whatever is remembered, and corrects it: a failing disk changes bytes and no time.
    """
    memory = models_directory() / "verified.json"
    found = path.stat()
    key = f"{path.resolve()}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"
    known = _known(memory)
    if again or key not in known:
        known = {name: value for name, value in known.items() if not name.startswith(f"{path.resolve()}:")}
        known[key] = sha256_of(path)
        _replace(memory, json.dumps(known, indent=1))
    return known[key]


def _known(memory: Path) -> dict[str, str]:
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}


def _replace(path: Path, text: str) -> None:
    """Written beside and renamed, so that a reader or a crash sees the old text or the new one."""
    write_beside(path, text.encode(), f".{os.getpid()}.part")


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
    """Enters a GGUF that the user has brought into LREV_HOME/models.toml, with the hash it has now.

    Raises ManifestError for a name that is taken or a file that is no GGUF, and ModelMissing for one that is not there.
    """
    if any(spec.name == name for spec in manifest.models):
        raise ManifestError(f"there is a model '{name}' already", "give another with --name")
    if not fullmatch(PLAIN_NAME, name):
        raise ManifestError(f"'{name}' is no name for a model", "give one of letters, digits and . _ + - with --name")
    _require_gguf(file)
    entry = {
        "role": "generator",
        "tier": Tier.SMALL.value,
        "licence": "as its publisher states",
        "size_bytes": file.stat().st_size,
        "sha256": sha256_of(file),
        "context_tokens": context_tokens,
        "prompt_format": prompt_format,
    }
    source = {"kind": "file", "path": str(file.resolve())}
    path = user_models_file()
    spec = model_spec(path, name, {**entry, "source": source})
    with locked("models.toml", lambda: None):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        added = _table(f"models.{_quoted(name)}", entry) + _table(f"models.{_quoted(name)}.source", source)
        _replace(path, before + added)
    return spec


def _require_gguf(file: Path) -> None:
    if not str(file.resolve()).isprintable():
        raise ManifestError(f"{str(file)!r} is no name that models.toml can hold", "rename the file")
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelMissing(f"cannot open '{file}': {error.strerror}") from error
    if magic != GGUF_MAGIC:
        raise ManifestError(f"'{file}' is not a GGUF file", "lrev loads GGUF and safetensors files only")


def _table(heading: str, entry: Mapping[str, object]) -> str:
    lines = [f"{key} = {_quoted(value) if isinstance(value, str) else value}" for key, value in entry.items()]
    return "\n".join([f"\n[{heading}]", *lines, ""])


def _quoted(text: str) -> str:
    """A TOML basic string: printable text is written as in JSON, without escaping what is not ASCII."""
    return json.dumps(text, ensure_ascii=False)


def is_distilled(spec: ModelSpec) -> bool:
    return isinstance(spec.source, DistilledSource)
