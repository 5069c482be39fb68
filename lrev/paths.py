"""Where lrev keeps things, how a name is resolved below a root, and how a file that must last is written."""

from __future__ import annotations

import os
from pathlib import Path

from lrev.errors import InputError, MachineError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """LREV_HOME, else ~/.local/share/lrev (XDG_DATA_HOME respected); made with mode 0700."""
    named = os.environ.get("LREV_HOME")
    base = Path(named) if named else data_home() / "lrev"
    return private_directory(base)


def data_home() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def private_directory(path: Path) -> Path:
    """Make `path` if need be, readable by its owner alone. Raises MachineError when that cannot be had."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise MachineError(f"cannot use '{path}': {error.strerror}", "set LREV_HOME to a directory of yours") from error
    return path


def models_directory() -> Path:
    return private_directory(home() / "models")


def cache_directory() -> Path:
    return private_directory(home() / "cache")


def log_directory() -> Path:
    return private_directory(home() / "log")


def below(root: Path, name: str) -> Path:
    """`name` below `root`, symlinks followed. Raises InputError if it leads outside (invariant 6)."""
    if "\0" in name or name.startswith("/"):
        raise InputError(f"path '{name!r}' leads outside '{root}'")
    real_root = root.resolve()
    candidate = (real_root / name).resolve()
    if candidate != real_root and real_root not in candidate.parents:
        raise InputError(f"path '{name}' leads outside '{root}'")
    return candidate


def _shipped(name: str) -> Path:
    """A data file or folder: beside the package in a checkout, inside it once installed from a wheel."""
    in_checkout = PROJECT_ROOT / name
    return in_checkout if in_checkout.exists() else Path(__file__).resolve().parent / "data" / name


def prompts_directory() -> Path:
    return _shipped("prompts")


def models_file() -> Path:
    return _shipped("models.toml")


def default_index_directory() -> Path:
    """index/ of the checkout, else the `index` folder of LREV_HOME."""
    in_checkout = PROJECT_ROOT / "index"
    return in_checkout if in_checkout.is_dir() else home() / "index"


def write_beside(path: Path, data: bytes, suffix: str = ".tmp") -> None:
    """Write aside, flush to disk, rename, flush the directory: after a crash the old file or the new, never half.

    The file aside is named by `suffix`: with a process's id in it where several may write the same file.
    """
    aside = path.with_name(path.name + suffix)
    with aside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
