"""The lines above the hunks of one file: git's extended headers, or a plain ---/+++ pair."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrev.errors import InputError
from lrev.types import FileStatus

_INDEX = re.compile(r"^index ([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: \d+)?\s*$")
_GIT = re.compile(r'^diff --git (?P<old>"(?:\\.|[^"\\])*"|a/.*?|\S+) (?P<new>"(?:\\.|[^"\\])*"|b/.*|\S+)\s*$')
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_NOWHERE = "/dev/null"
_BINARY = ("GIT binary patch", "Binary files ")


@dataclass(frozen=True, slots=True)
class Header:
    """Paths without a/ and b/; blobs as given, "" for none."""

    old_path: str
    new_path: str
    status: FileStatus
    old_blob: str
    new_blob: str
    binary: bool
    mode_changed: bool

    @property
    def path(self) -> str:
        return self.old_path if self.status is FileStatus.DELETED else self.new_path


def read_header(lines: list[str], at: int) -> tuple[Header | None, int]:
    """The header that begins at `at` and the line after it; None when none begins there. Raises InputError."""
    if lines[at].startswith("diff --git "):
        return _git_header(lines, at)
    if lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
        old, new = _name(lines[at][4:]), _name(lines[at + 1][4:])
        if not _is_plausible(old) or not _is_plausible(new):
            return None, at + 1
        return _header(old, new, {}, at), at + 2
    return None, at + 1


def _git_header(lines: list[str], at: int) -> tuple[Header | None, int]:
    start = at
    names = _GIT.match(lines[at])
    if names is None:
        return None, at + 1
    old, new = _name(names["old"]), _name(names["new"])
    fields: dict[str, str] = {}
    at += 1
    while at < len(lines):
        line = lines[at]
        if line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "):
            old, new = _name(line[4:]), _name(lines[at + 1][4:])
            return _header(old, new, fields, start), at + 2
        key = next((key for key in _KEYS if line.startswith(key)), None)
        if key is None:
            break
        fields[key] = line[len(key) :].strip()
        if key in _BINARY:
            return _header(old, new, fields, start), at + 1
        if (found := _INDEX.match(line)) is not None:
            fields["old blob"], fields["new blob"] = found[1], found[2]
        at += 1
    return _header(old, new, fields, start), at


_KEYS = (
    "index ",
    "old mode ",
    "new mode ",
    "new file mode ",
    "deleted file mode ",
    "similarity index ",
    "dissimilarity index ",
    "rename from ",
    "rename to ",
    "copy from ",
    "copy to ",
    *_BINARY,
)


def _header(old: str, new: str, fields: dict[str, str], at: int) -> Header:
    old, new = _quilted(old, new)
    status = FileStatus.MODIFIED
    if old == _NOWHERE or "new file mode " in fields:
        status = FileStatus.ADDED
    elif new == _NOWHERE or "deleted file mode " in fields:
        status = FileStatus.DELETED
    elif "rename from " in fields:
        status = FileStatus.RENAMED
    elif "copy from " in fields:
        status = FileStatus.COPIED
    old_path = _strip(fields.get("rename from ") or fields.get("copy from ") or "") or _unprefixed(old, "a/")
    new_path = _strip(fields.get("rename to ") or fields.get("copy to ") or "") or _unprefixed(new, "b/")
    old_path = new_path if old == _NOWHERE else old_path
    new_path = old_path if new == _NOWHERE else new_path
    for path in (old_path, new_path):
        if path.startswith("/") or ".." in path.split("/") or "\0" in path or not path:
            raise InputError(f"line {at + 1}: path {path!r} leads outside the tree")
    return Header(
        old_path=old_path,
        new_path=new_path,
        status=status,
        old_blob=_blob(fields.get("old blob", "")),
        new_blob=_blob(fields.get("new blob", "")),
        binary=any(key in fields for key in _BINARY),
        mode_changed="old mode " in fields,
    )


def _quilted(old: str, new: str) -> tuple[str, str]:
    """quilt names the old file `a/mm/slab.c~fix-it`, or `.orig`, and some write a/ before the new one as well."""
    if new.startswith("a/"):
        new = f"b/{new[2:]}"
    stem = old.removesuffix(".orig") if old.endswith(".orig") else old.rpartition("~")[0]
    return (stem if stem and stem[2:] == new[2:] else old), new


def _blob(text: str) -> str:
    """An id of zeros means that there is no file on that side."""
    return text if text.strip("0") else ""


def _is_plausible(name: str) -> bool:
    return name == _NOWHERE or "/" in name or "." in name or name.isidentifier()


def _strip(name: str) -> str:
    return _unquoted(name) if name else ""


def _name(text: str) -> str:
    """A name from ---, +++ or diff --git: unquoted, and without the time stamp that plain diffs put after a tab."""
    name = text.rstrip("\r")
    return _unquoted(name) if name.startswith('"') else name.partition("\t")[0].rstrip()


def _unquoted(name: str) -> str:
    """git quotes odd names in C style; octal escapes are bytes of UTF-8."""
    if not (name.startswith('"') and name.rstrip().endswith('"')):
        return name
    raw = _ESCAPE.sub(_escaped, name.strip()[1:-1])
    return raw.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _escaped(found: re.Match[str]) -> str:
    text = found[1]
    return chr(int(text, 8) & 0xFF) if text.isdigit() else _LETTERS.get(text, text)


def _unprefixed(name: str, prefix: str) -> str:
    if name.startswith(prefix):
        return name[len(prefix) :]
    # Plain diffs name a directory first, as in `--- linux-6.1.orig/mm/slab.c`.
    return name.partition("/")[2] if re.match(r"^[^/]*(?:\.orig|linux-\d[^/]*|\.old|\.new)/", name) else name
