"""Small makers of the flow's types, so that a test names only what it is about."""

from __future__ import annotations

from pathlib import Path

from lrev.rules.rule import Refuter, Rule, Severity, Trigger
from lrev.rules.triggers import Match
from lrev.types import (
    Address,
    ChangedFunction,
    DiffLine,
    DiffLineKind,
    FileDiff,
    FileStatus,
    FunctionSource,
    Hunk,
    Message,
    Patch,
    Span,
)

FIRST_LINE = 10


def changed_function(text: str, changed: tuple[int, ...] = (), path: str = "drivers/example/lamp.c") -> ChangedFunction:
    """`text` as a function that begins at line 10; `changed` are added lines of the file, by default all."""
    lines = text.strip("\n").split("\n")
    span = Span(FIRST_LINE, FIRST_LINE + len(lines) - 1)
    source = FunctionSource("lamp_probe", span, "\n".join(lines), static=True, whole=True)
    added = frozenset(changed or range(span.start, span.end + 1))
    return ChangedFunction(path, "lamp_probe", None, source, added, frozenset(), (0,))


def rule(*refuters: Refuter, calls: tuple[str, ...] = ("kzalloc",), paths: tuple[str, ...] = ("*",)) -> Rule:
    return Rule(
        id="example",
        title="An example",
        subsystem="core",
        severity=Severity.HIGH,
        trigger=Trigger(calls=calls, paths=paths),
        sound="{call}() is checked",
        defect="{call}() is not checked",
        right="static int lamp_add(void)\n{\n\tp = {call}(8);\n\tif (!p)\n\t\treturn -1;\n\treturn 0;\n}",
        wrong="static int lamp_add(void)\n{\n\tp = {call}(8);\n\tp->on = 1;\n\treturn 0;\n}",
        clear="",
        comment="{call}() can fail, and `{variable}` is not checked.",
        refuters=refuters,
        needs=(),
        claims=(),
        tokens=60,
        verified_on=(),
        knowledge="{call}() can fail.",
        path=Path("example.md"),
    )


def match(one: Rule, call: str, line: int, variable: str = "") -> Match:
    return Match(one, call, line, variable)


def file_diff(old: str, new: str, path: str = "drivers/example/lamp.c", first: int = FIRST_LINE) -> FileDiff:
    """A diff of one hunk in which all of `old` goes and all of `new` comes; a line common to both ends is context."""
    before, after = old.strip("\n").split("\n") if old else [], new.strip("\n").split("\n")
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    lines = [DiffLine(DiffLineKind.CONTEXT, text, first + at, first + at) for at, text in enumerate(before[:same])]
    lines += [DiffLine(DiffLineKind.REMOVED, text, first + same + at, None) for at, text in enumerate(before[same:])]
    lines += [DiffLine(DiffLineKind.ADDED, text, None, first + same + at) for at, text in enumerate(after[same:])]
    hunk = Hunk(
        Span(first, first + len(before) - 1), Span(first, first + len(after) - 1), "lamp_probe(void)", tuple(lines)
    )
    return FileDiff(path, path, FileStatus.MODIFIED, "1234567", "89abcde", False, (hunk,))


def message(**values: object) -> Message:
    given: dict[str, object] = {
        "message_id": "20240304.1@example.org",
        "subject": "[PATCH] lamp: light it",
        "sender": Address("Ann Author", "ann@example.org"),
        "to": (Address("", "list@lists.example.org"),),
        "cc": (Address("Max Maintainer", "max@example.org"),),
        "date": 1709550000,
        "in_reply_to": "",
        "references": (),
        "body": "",
    }
    return Message(**(given | values))  # type: ignore[arg-type]


def patch(*files: FileDiff, mail: Message | None = None) -> Patch:
    return Patch("lamp: light it", Address("Ann Author", "ann@example.org"), "Light the lamp.", files, message=mail)
