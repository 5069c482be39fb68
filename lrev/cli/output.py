"""stdout is data: text from mail and patches goes there only with its control characters made visible."""

from __future__ import annotations

import sys
from pathlib import Path

from lrev.errors import MachineError
from lrev.log import escape


def write_out(text: str) -> None:
    """Escaped, and never failing on a character that the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(escape(text).encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def write_file(path: Path, text: str) -> None:
    """Beside and renamed, so that a reader never sees half of it. Raises MachineError when it cannot be written."""
    aside = path.with_name(path.name + ".part")
    try:
        aside.write_text(escape(text), encoding="utf-8", errors="backslashreplace")
        aside.replace(path)
    except OSError as error:
        raise MachineError(f"cannot write '{path}': {error.strerror}") from error
