"""Text that has no grammar here: RST sections, MAINTAINERS, Kconfig, and stretches of anything else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lrev.source.mail_text import decode_bytes
from lrev.types import Chunk, ChunkKind, Span, Symbol, SymbolKind

# About what the default embedder reads of one text; a longer section becomes several chunks.
MAX_CHUNK_CHARACTERS = 2000
_UNDERLINE = re.compile(r"^([=\-~^\"'`#*+.:_])\1{2,}\s*$")
_SECTION_FIELD = re.compile(r"^[A-Z]:\t")
_CONFIG = re.compile(r"^\s*(?:menu)?config\s+([A-Za-z0-9_]+)\s*$")
_CONFIG_ENDS = re.compile(r"^\s*(?:config|menuconfig|menu|endmenu|choice|endchoice|if|endif|source|comment)\b")
_KEPT_CONFIG_LINE = re.compile(r"^\s*(?:bool|tristate|string|int|hex|def_bool|def_tristate|depends|select)\b")


def sections(path: str, data: bytes, blob: str) -> tuple[Chunk, ...]:
    """RST by its headings; the name of a chunk is `title > heading`, code blocks stay where they are."""
    lines = decode_bytes(data).splitlines()
    headings = list(_headings(lines))
    starts = [0, *(line for line, _ in headings)]
    names = [path.rpartition("/")[2], *(heading for _, heading in headings)]
    title = headings[0][1] if headings else names[0]
    found: list[Chunk] = []
    for start, end, name in zip(starts, [*starts[1:], len(lines)], names, strict=True):
        full = name if name == title or not headings else f"{title} > {name}"
        found += stretches(lines, start, end, full, blob, ChunkKind.DOCUMENT)
    return tuple(found)


def text_chunks(path: str, data: bytes, blob: str) -> tuple[Chunk, ...]:
    """A file in stretches that end at empty lines where they can; each is named after the file."""
    lines = decode_bytes(data).splitlines()
    return tuple(stretches(lines, 0, len(lines), path.rpartition("/")[2], blob, ChunkKind.TEXT))


def maintainers(data: bytes, blob: str) -> tuple[Symbol, ...]:
    """The sections of MAINTAINERS; `signature` holds the fields that say what it covers: S:, F:, N:, K:, X:."""
    lines = decode_bytes(data).splitlines()
    starts = [at for at in range(len(lines) - 1) if _begins_maintainers(lines, at)]
    found: list[Symbol] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        fields = [line for line in lines[start:end] if _SECTION_FIELD.match(line)]
        covers = "\n".join(line.replace("\t", " ", 1) for line in fields if line[0] in "SFNKX")
        span = Span(start + 1, start + 1 + len(fields))
        found.append(Symbol(lines[start].strip(), SymbolKind.MAINTAINERS, blob, span, False, covers))
    return tuple(found)


def kconfig(data: bytes, blob: str) -> tuple[Symbol, ...]:
    """`config` entries as CONFIG_NAME; `signature` holds type, prompt, depends and select."""
    lines = decode_bytes(data).splitlines()
    found: list[Symbol] = []
    for start, line in enumerate(lines):
        named = _CONFIG.match(line)
        if named:
            body = range(start + 1, len(lines))
            end = next((at for at in body if _CONFIG_ENDS.match(lines[at])), len(lines))
            about = [line.strip(), *(text.strip() for text in lines[start + 1 : end] if _KEPT_CONFIG_LINE.match(text))]
            span = Span(start + 1, _last_written(lines, start, end) + 1)
            found.append(Symbol(f"CONFIG_{named[1]}", SymbolKind.CONFIG, blob, span, False, "\n".join(about)))
    return tuple(found)


def _begins_maintainers(lines: Sequence[str], at: int) -> bool:
    return (
        bool(lines[at].strip())
        and not lines[at][:1].isspace()
        and not _SECTION_FIELD.match(lines[at])
        and bool(_SECTION_FIELD.match(lines[at + 1]))
    )


def _headings(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(0-based line where the heading begins, its text): a line underlined at least as far as it is long."""
    for at in range(1, len(lines)):
        above, title = lines[at - 2] if at > 1 else "", lines[at - 1]
        if not _UNDERLINE.match(lines[at]) or not title.strip() or _UNDERLINE.match(title):
            continue
        overlined = above.rstrip() == lines[at].rstrip()
        # An underline may be a character short in real documents; an indented title needs its overline.
        long_enough = len(lines[at].rstrip()) + 1 >= len(title.rstrip())
        if long_enough and (overlined or not title[0].isspace()):
            yield (at - 2 if overlined else at - 1), title.strip()


def stretches(lines: Sequence[str], start: int, end: int, name: str, blob: str, kind: ChunkKind) -> Iterator[Chunk]:
    """Lines start..end-1 (0-based) as chunks of bounded size; what is blank at the edges is left out."""
    while start < end:
        stop = _stop(lines, start, end)
        last = _last_written(lines, start, stop)
        first = next((at for at in range(start, stop) if lines[at].strip()), stop)
        if first < stop:
            text = "\n".join(lines[first : last + 1])
            # One line may be longer than any chunk (minified data); the head of it is enough to find the file by.
            yield Chunk(kind, name, blob, Span(first + 1, last + 1), text[: 2 * MAX_CHUNK_CHARACTERS])
        start = stop


def _stop(lines: Sequence[str], start: int, end: int) -> int:
    """Where a chunk that begins at `start` ends: at the last empty line of its second half, else when it is full."""
    size, empty = 0, 0
    for at in range(start, end):
        size += len(lines[at]) + 1
        if size > MAX_CHUNK_CHARACTERS and at > start:
            return empty or at
        if not lines[at].strip() and size > MAX_CHUNK_CHARACTERS // 2:
            empty = at + 1
    return end


def _last_written(lines: Sequence[str], start: int, stop: int) -> int:
    return next((at for at in range(stop - 1, start, -1) if lines[at].strip()), start)
