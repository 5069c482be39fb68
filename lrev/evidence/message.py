"""What can be checked of a commit message: its Fixes tag, who signed it, and whether what it names is there.

The forms are those of Documentation/process/submitting-patches.rst.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lrev.source.branch import Presence
from lrev.types import Patch, Suspicion

NAME = "message"
FIXES = "Fixes tag not as it should be"
UNSIGNED = "not signed off by its author"
UNKNOWN = "message names what is not there"

_SHORTEST_ID = 12
_FIXES = re.compile(r"^\s*fixes\s*:\s*(.*)$", re.IGNORECASE)
_TAG = re.compile(r"(?P<id>[0-9a-fA-F]{6,40})\b\s*(?:(?P<open>\(?[\"“']?)(?P<subject>.*?)[\"”']?\)?)?\s*(?:#.*)?$")
_WHOLE_TAG = re.compile(r"[0-9a-fA-F]+ \(\".+\"\)\s*(?:#.*)?$")
_TRAILER = re.compile(r"^[A-Z][A-Za-z-]*(?:-[Bb]y|-[Tt]o)?: \S")
_SIGNED = re.compile(r"^Signed-off-by:\s*(.*?)\s*<([^>]*)>", re.MULTILINE | re.IGNORECASE)
# Logs and traces name what is not in the source: they are indented, quoted or numbered.
_LOG = re.compile(r"^\s|^[>|#\[]|\+0x|^\d")
# A commit that is cited with its subject, which may go on over the end of a line, and names what was there then.
_CITED = re.compile(r"\b[0-9a-f]{7,40}\b,?\s*\(\s*[\"“'].{1,200}?[\"”']\s*\)", re.IGNORECASE | re.DOTALL)
_FUNCTION = re.compile(r"(?<![\w.>/-])([a-z_][a-z0-9_]*_[a-z0-9_]+)\(\)")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a message is held against. `exists` looks a name up exhaustively in the tree. `subject` gives that of a
    commit, "" for one that the repository does not have; `presence` says of an id and a subject whether what the patch
    is for has that commit. None without a repository.
    """

    exists: Callable[[str], bool]
    subject: Callable[[str], str] | None = None
    presence: Callable[[str, str], Presence] | None = None


def check(patch: Patch, ground: Ground) -> Iterator[Suspicion]:
    """`line` of each counts from 1 in the description."""
    lines = patch.description.split("\n")
    for number, line in enumerate(lines, 1):
        tag = _FIXES.match(line)
        if tag is not None:
            for message in _fixes(tag[1].strip(), ground):
                yield _remark(FIXES, number, tag[1], message)
            if _cut_off(lines, number):
                yield _remark(
                    FIXES, number, tag[1], "this stands apart from the other trailers, where tools look for it."
                )
    yield from _unsigned(patch, lines)
    yield from _unknown(patch, lines, ground)


def _remark(mechanism: str, line: int, subject: str, message: str) -> Suspicion:
    return Suspicion(NAME, mechanism, "", "", line, message, (), subject=subject)


def _fixes(tag: str, ground: Ground) -> Iterator[str]:
    found = _TAG.match(tag)
    if found is None:
        if not tag.lower().startswith(("http", "#")):  # of a bug tracker's tag nothing is known
            yield "a Fixes tag begins with the commit's id."
        return
    if len(found["id"]) < _SHORTEST_ID:
        yield f"the commit's id has {len(found['id'])} digits; {_SHORTEST_ID} or more are asked for."
    if not _WHOLE_TAG.fullmatch(tag):
        yield 'after the id comes the commit\'s subject, as ("subject"), on the same line.'
    named = ground.subject(found["id"]) if ground.subject is not None else ""
    if named and _folded(found["subject"]) and _folded(named) != _folded(found["subject"]):
        yield f'commit {found["id"][:_SHORTEST_ID]} has another subject: "{named}".'
    if ground.presence is not None and ground.presence(found["id"].lower(), found["subject"] or "") is Presence.LACKS:
        yield (
            f"commit {found['id'][:_SHORTEST_ID]} is not in the history that this patch is for, and nothing there is "
            "marked as a backport of it."
        )


def _folded(subject: str) -> str:
    return " ".join(subject.split()).casefold()


def _cut_off(lines: list[str], number: int) -> bool:
    """Whether a blank line parts the tag from trailers behind it."""
    behind = lines[number:]
    blank = next((at for at, line in enumerate(behind) if not line.strip()), len(behind))
    rest = [line for line in behind[blank:] if line.strip()]
    return (
        bool(rest) and any(map(_TRAILER.match, rest)) and all(_TRAILER.match(line) or line[0] in " [" for line in rest)
    )


def _unsigned(patch: Patch, lines: list[str]) -> Iterator[Suspicion]:
    """Of mails alone: in a tree it is the committer's business, and a bare diff has no message."""
    if patch.message is None or not patch.description.strip():
        return
    signed = _SIGNED.findall(patch.description)
    author = patch.author
    if not signed:
        yield _remark(UNSIGNED, len(lines), "", "nobody has signed this off: there is no Signed-off-by line.")
    elif not any(_same(author.name, author.address, name, address) for name, address in signed):
        line = next(number for number, one in enumerate(lines, 1) if one.lower().startswith("signed-off-by"))
        shown = " ".join(f"{author.name} <{author.address}>".split())
        yield _remark(UNSIGNED, line, "", f"the author, {shown}, has not signed this off.")


def _same(name: str, address: str, other_name: str, other_address: str) -> bool:
    """People write from several addresses, and under a name with and without accents or initials."""
    if address.casefold() == other_address.casefold():
        return True
    own, other = (frozenset(re.findall(r"\w{2,}", one.casefold())) for one in (name, other_name))
    return bool(own & other)


def _unknown(patch: Patch, lines: list[str], ground: Ground) -> Iterator[Suspicion]:
    """Functions written as name() that neither the tree nor the patch has."""
    own = {line.text for diff in patch.files for hunk in diff.hunks for line in hunk.lines}
    own |= {hunk.section for diff in patch.files for hunk in diff.hunks}
    told: set[str] = set()
    without_cited = _CITED.sub(lambda cited: "\n" * cited[0].count("\n"), "\n".join(lines)).split("\n")
    for number, line in enumerate(without_cited, 1):
        if _LOG.search(line) or _TRAILER.match(line):
            continue
        for name in _FUNCTION.findall(line):
            word = re.compile(rf"\b{re.escape(name)}\b")
            if name not in told and not any(map(word.search, own)) and not ground.exists(name):
                told.add(name)
                yield _remark(UNKNOWN, number, name, f"{name}() is neither in the tree nor in this patch.")
