"""One mail -> rows: the message, its patch, and what of it is worth searching."""

from __future__ import annotations

import json
import re
import zlib

from lrev.errors import InputError
from lrev.indexing.parsing import chunk_row
from lrev.indexing.rows import MessageRow, Parsed, PatchRow
from lrev.source.comments import comments
from lrev.source.documents import stretches
from lrev.source.mail import MAX_MAIL_BYTES, is_reply, parse
from lrev.source.patch import FileOutline, outlines, without_diff
from lrev.source.patch_id import patch_id
from lrev.types import Address, Chunk, ChunkKind, Message, Patch, ReviewComment, Span

# A diff is cut here for searching: its first hunks say what it is about, and the whole mail is kept anyway.
_DIFF_LINES = 60
_DESCRIPTION_LINES = 60
# The quoted lines right above an answer; more drown the answer's own words.
_QUOTE_LINES = 14
_QUOTED_OR_ATTRIBUTION = re.compile(r"^>|^On .* wrote:\s*$|^-- ?$")
# Level 6 takes four times as long for a seventh less.
_DEFLATE_LEVEL = 1


def parse_mail(blob: str, data: bytes, archive: str) -> Parsed:
    """A mail that cannot be read yields a problem instead of a message; one with a broken diff is kept as mail."""
    problem = "truncated" if len(data) > MAX_MAIL_BYTES else ""
    try:
        message = parse(data)
    except InputError as error:
        return Parsed(blob, "", archive, problem=error.message)
    try:
        files = () if is_reply(message) else tuple(outlines(message))
    except InputError as error:
        files, problem = (), f"message <{message.message_id}>: {error.message}"
    patch = without_diff(message) if files else None
    chunks = () if message.bot else tuple(chunk_row(chunk) for chunk in _chunks(message, patch, files, blob))
    return Parsed(
        blob,
        "",
        archive,
        chunks=chunks,
        message=_message_row(message),
        patch=_patch_row(message, patch, files),
        problem=problem,
    )


def message_of(row: MessageRow) -> Message:
    """The message that was stored."""
    to, cc = json.loads(row.recipients)
    body, attachments = json.loads(zlib.decompress(row.texts))
    return Message(
        message_id=row.message_id,
        subject=row.subject,
        sender=Address(row.sender_name, row.sender_address),
        to=tuple(Address(name, address) for name, address in to),
        cc=tuple(Address(name, address) for name, address in cc),
        date=row.date,
        in_reply_to=row.in_reply_to,
        references=tuple(row.reference_ids.split()),
        body=body,
        attachments=tuple(attachments),
        bot=bool(row.bot),
    )


def _message_row(message: Message) -> MessageRow:
    people = [[[one.name, one.address] for one in field] for field in (message.to, message.cc)]
    texts = json.dumps([message.body, message.attachments], ensure_ascii=False).encode()
    return MessageRow(
        message.message_id,
        message.subject,
        message.sender.name,
        message.sender.address,
        message.date,
        message.in_reply_to,
        " ".join(message.references),
        json.dumps(people, ensure_ascii=False),
        zlib.compress(texts, _DEFLATE_LEVEL),
        message.bot,
    )


def _patch_row(message: Message, patch: Patch | None, files: tuple[FileOutline, ...]) -> PatchRow | None:
    if patch is None:
        return None
    paths = tuple(dict.fromkeys(one.path for one in files))
    own_id = patch_id("\n".join((message.body, *message.attachments)))
    return PatchRow(patch.version, patch.part, patch.total, patch.base_commit, own_id, paths)


def _chunks(message: Message, patch: Patch | None, files: tuple[FileOutline, ...], blob: str) -> tuple[Chunk, ...]:
    if patch is not None:
        return (Chunk(ChunkKind.PATCH, message.subject, blob, _body_span(message), _patch_text(patch, files)),)
    said = comments(message)
    if said:
        return tuple(Chunk(ChunkKind.COMMENT, message.subject, blob, Span(1, 1), _comment_text(one)) for one in said)
    own = [line for line in message.body.split("\n") if not _QUOTED_OR_ATTRIBUTION.match(line)]
    return tuple(stretches(own, 0, len(own), message.subject, blob, ChunkKind.MAIL))


def _body_span(message: Message) -> Span:
    return Span(1, message.body.count("\n") + 1)


def _comment_text(comment: ReviewComment) -> str:
    quote = "\n".join(f"> {line}" for line in comment.quote.split("\n")[-_QUOTE_LINES:])
    head = f"{comment.path}\n" if comment.path else ""
    return f"{head}{quote}\n\n{comment.text}"


def _patch_text(patch: Patch, files: tuple[FileOutline, ...]) -> str:
    """The description and the changed lines by file, both cut."""
    lines = patch.description.strip().split("\n")[:_DESCRIPTION_LINES]
    changed: list[str] = []
    for one in files:
        changed.append(f"--- {one.path}")
        changed += (f"@@ {_section(line)}".rstrip() if line.startswith("@@") else line for line in one.lines)
        if len(changed) > _DIFF_LINES:
            break
    return "\n".join((*lines, "", *changed[:_DIFF_LINES]))


def _section(line: str) -> str:
    """What stands behind the numbers: the function that the hunk is in."""
    return line[2:].partition("@@")[2].strip()
