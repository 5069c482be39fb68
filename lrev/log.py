"""What lrev says on stderr, made safe for a terminal, and the report that a defect leaves."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
import unicodedata
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lrev import __version__

_KEPT = frozenset("\n\t")
# Cc: control, Cf: format (bidirectional overrides, zero width), Cs: lone surrogates, Zl/Zp: line ends terminals know.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_QUIET = "LREV_QUIET"
_PACKAGES = ("llama-cpp-python", "sentence-transformers", "faiss-cpu", "tantivy", "tree-sitter", "typer", "torch")


def escape(text: str) -> str:
    """`text` with everything that could steer a terminal written as \\xNN or \\uNNNN; newline and tab are kept."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if one in _KEPT or unicodedata.category(one) not in _UNSAFE else _written(one) for one in text)


def _written(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def talk(message: str) -> None:
    """One line to stderr, escaped; nothing when LREV_QUIET is set, as `lrev --quiet` does."""
    if not os.environ.get(_QUIET):
        sys.stderr.write(escape(message) + "\n")
        sys.stderr.flush()


def be_quiet() -> None:
    """For this process and the children it starts."""
    os.environ[_QUIET] = "1"


def defect_report(error: BaseException, directory: Path) -> Path:
    """Writes versions and the traceback into `directory`, and gives the file's path."""
    lines = [
        f"lrev {__version__}, Python {sys.version.split()[0]}, {platform.platform()}",
        f"arguments: {sys.argv[1:]}",
    ]
    lines += [f"{name} {_version(name)}" for name in _PACKAGES]
    path = directory / f"defect-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    text = "\n".join(lines) + "\n\n" + "".join(traceback.format_exception(error))
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
    return path


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
