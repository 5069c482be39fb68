"""lrev thread: a discussion as the index has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from lrev.cli.output import write_out
from lrev.errors import UsageError
from lrev.indexing.reader import open_index
from lrev.indexing.threads import Reply, replies
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.types import Message

_INDENT = "  "
# Deeper answers stand at this depth: a long exchange of two people would run out of the window.
_DEEPEST = 12


def command(
    message_id: Annotated[str, typer.Argument(metavar="MSGID", help="A message-id, with or without < >.")],
    index: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The index directory; default from lrev.toml.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="The text of every message as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A settings file instead of the ones that are searched.")
    ] = None,
) -> None:
    """Print the indexed messages of a thread as a tree: date, sender, subject and message-id of each."""
    seal()
    settings = load_settings(config, index=index)
    wanted = message_id.strip().removeprefix("id:").strip("<>")
    with open_index(settings.index) as opened:
        found = opened.thread(wanted)
    if not found:
        hint = "'lrev search --kind mail WORDS' finds messages, 'lrev index --status' says which archives are indexed"
        raise UsageError(f"the index has no message '{wanted}'", hint)
    tree = list(replies(found))
    if as_json:
        write_out(json.dumps([_plain(reply) for reply in tree], indent=1, ensure_ascii=False) + "\n")
        return
    for reply in tree:
        write_out("".join(f"{line}\n" for line in _lines(reply, full=full)))


def _lines(reply: Reply, *, full: bool) -> Iterator[str]:
    message, indent = reply.message, _INDENT * min(reply.depth, _DEEPEST)
    sender = message.sender.name or message.sender.address
    bot = " (bot)" if message.bot else ""
    yield f"{_day(message)}  {indent}{sender}{bot}: {message.subject}  <{message.message_id}>"
    if full:
        for text in (message.body, *message.attachments):
            yield from (f"{indent}    {line}".rstrip() for line in text.rstrip().split("\n"))
        yield ""


def _day(message: Message) -> str:
    if message.date is None:
        return "no date         "
    try:
        return datetime.fromtimestamp(message.date, UTC).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "no date         "


def _plain(reply: Reply) -> dict[str, Any]:
    message = reply.message
    return {
        "message_id": message.message_id,
        "depth": reply.depth,
        "date": message.date,
        "from": {"name": message.sender.name, "address": message.sender.address},
        "subject": message.subject,
        "in_reply_to": message.in_reply_to,
        "bot": message.bot,
        "body": message.body,
        "attachments": list(message.attachments),
    }
