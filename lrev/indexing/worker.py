"""The process that parses: tasks come in on its standard input, rows leave on its standard output.

Started as `python -m lrev.indexing.worker`, so that it inherits no descriptor and no lock. Frames are a length and
marshal of plain tuples, which unlike pickle runs nothing when it is read.
"""

from __future__ import annotations

import marshal
import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from lrev.indexing.rows import Parsed, to_wire

LENGTH = struct.Struct("<Q")
SEALED_ARGUMENT = "--sealed"


def read_frame(stream: IO[bytes]) -> object | None:
    """None at the end of the stream, also when it ends within a frame: the other side was killed."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    data = stream.read(length)
    # Our own worker or parent is at the other end; and marshal, unlike pickle, runs nothing.
    return marshal.loads(data) if len(data) == length else None  # noqa: S302


def write_frame(stream: IO[bytes], value: Sequence[object]) -> None:
    data = marshal.dumps(value)  # type: ignore[arg-type]  # the stub cannot say: plain data all the way down
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def parse_task(path: str, blob: str, archive: str, data: bytes) -> Parsed:
    """A mail has an archive and no path."""
    if archive:
        from lrev.indexing.mailing import parse_mail

        return parse_mail(blob, data, archive)
    from lrev.indexing.parsing import parse_file

    return parse_file(path, blob, data)


def main() -> None:
    if SEALED_ARGUMENT in sys.argv:
        from lrev.seal import seal

        seal()
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What a library prints must not land between two frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # The builder may be killed while we parse for it; nobody is left to be told.
    with suppress(BrokenPipeError):
        while isinstance(tasks := read_frame(source), list):
            write_frame(sink, [to_wire(parse_task(*task)) for task in tasks])


if __name__ == "__main__":
    main()
