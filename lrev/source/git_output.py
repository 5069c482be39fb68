"""What git prints -> values. Nothing here runs anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lrev.types import Address


@dataclass(frozen=True, slots=True)
class CommitText:
    """A commit as its object says it. `date` is the author's, seconds since 1970."""

    commit: str
    parents: tuple[str, ...]
    author: Address
    date: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Change:
    """One path of one commit: `status` A, M or D; `blob` is "" for D."""

    commit: str
    status: str
    path: str
    blob: str


class EntryKind(StrEnum):
    """The first digits of the mode, which tell a file from a link."""

    FILE = "100"
    SYMLINK = "120"
    SUBMODULE = "160"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """`size` in bytes; None where the object is not in the repository, and for a submodule."""

    path: str
    kind: EntryKind
    blob: str
    size: int | None


def tree_entries(output: bytes) -> Iterator[TreeEntry]:
    """Of `ls-tree -l -z`."""
    for record in filter(None, output.split(b"\0")):
        head, _, path = record.partition(b"\t")
        mode, _, blob, size = head.split()
        name = path.decode("utf-8", "surrogateescape")
        yield TreeEntry(name, EntryKind(mode[:3].decode()), blob.decode(), int(size) if size.isdigit() else None)


def commit_text(commit: str, output: bytes) -> CommitText:
    """Of `cat-file commit`."""
    raw = output.decode("utf-8", "replace")
    head, _, message = raw.partition("\n\n")
    fields = [line.partition(" ") for line in head.split("\n") if not line.startswith(" ")]
    author = next((value for key, _, value in fields if key == "author"), "")
    name, _, rest = author.partition(" <")
    address, _, when = rest.partition("> ")
    subject, _, body = message.strip("\n").partition("\n")
    return CommitText(
        commit=commit,
        parents=tuple(value for key, _, value in fields if key == "parent"),
        author=Address(name, address),
        date=int(when.split()[0]) if when.split() else 0,
        subject=subject,
        body=body.strip("\n"),
    )


def changes(output: bytes) -> Iterator[Change]:
    """Of `diff-tree --stdin --raw -r -z`."""
    fields = iter(output.split(b"\0"))
    commit = ""
    for field in fields:
        if field.startswith(b":"):
            words = field[1:].split()
            blob = words[3].decode()
            path = next(fields).decode("utf-8", "surrogateescape")
            yield Change(commit, words[4].decode(), path, "" if words[4] == b"D" else blob)
        elif field:
            commit = field.decode().strip()
