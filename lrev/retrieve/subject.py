"""What is looked up for: the lines of a file that a patch changes, and what stands on and around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lrev.source.c_code import calls, functions, parse, symbols
from lrev.source.c_tree import ParsedC
from lrev.source.mail_text import decode_bytes
from lrev.source.placed import Placed, placed
from lrev.source.tree import Tree
from lrev.types import Call, ChangedFunction, FunctionSource, Patch, Symbol

C_SUFFIXES = (".c", ".h")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}")
_CALLED = re.compile(r"\b([A-Za-z_]\w{2,})\s*\(")
_KEYWORD_LINES = (
    "auto break case char const continue default double else enum extern float for goto if inline int long register",
    "return short signed sizeof static struct switch typedef union unsigned void volatile while NULL define ifdef",
    "ifndef endif elif include undef bool true false",
)
_KEYWORDS = frozenset(word for line in _KEYWORD_LINES for word in line.split())


def identifiers(text: str) -> list[str]:
    """In the order they stand, with repetitions, without the words of the language."""
    return [word for word in _IDENTIFIER.findall(text) if word not in _KEYWORDS]


@dataclass(frozen=True)
class FileText:
    """The post-image of the file `path`, parsed once for all that is looked up for it."""

    path: str
    data: bytes

    @property
    def is_c(self) -> bool:
        return self.path.endswith(C_SUFFIXES)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Line n at position n - 1."""
        return tuple(decode_bytes(self.data).split("\n"))

    @cached_property
    def functions(self) -> tuple[FunctionSource, ...]:
        return functions(self._parsed) if self.is_c else ()

    @cached_property
    def symbols(self) -> tuple[Symbol, ...]:
        return symbols(self._parsed, "") if self.is_c else ()

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        return calls(self._parsed, "") if self.is_c else ()

    @cached_property
    def _parsed(self) -> ParsedC:
        return parse(self.data)


@dataclass(frozen=True)
class Subject:
    """`lines` of `file` are those that change, or lie next to what was removed.

    `added` are the new ones among them. `only` names the one function that it is about, "" for all that change.
    `unplaced` are new lines that have no place in it, because their hunk does not apply.
    """

    file: FileText
    lines: tuple[int, ...]
    added: frozenset[int]
    only: str = ""
    unplaced: tuple[str, ...] = ()

    @classmethod
    def of_placed(cls, path: str, found: Placed) -> Subject:
        return cls(FileText(path, found.data), found.lines, found.added, unplaced=found.unplaced)

    @classmethod
    def of_function(cls, function: ChangedFunction, file: FileText) -> Subject:
        assert function.after is not None
        lines = function.changed or frozenset({function.after.span.start})
        return cls(file, tuple(sorted(lines)), function.changed, function.name)

    @property
    def path(self) -> str:
        return self.file.path

    @property
    def is_c(self) -> bool:
        return self.file.is_c

    @property
    def text(self) -> tuple[str, ...]:
        """Line n at position n - 1."""
        return self.file.lines

    @cached_property
    def functions(self) -> tuple[FunctionSource, ...]:
        """Those that a change lies in."""
        touched = (one for one in self.file.functions if any(line in one.span for line in self.lines))
        return tuple(one for one in touched if not self.only or one.name == self.only)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """Callees by name, those on changed lines first, then those of the functions around them."""
        inside = [one for one in self.file.calls if any(one.line in own.span for own in self.functions)]
        changed = self.added | set(self.lines)
        placed_calls = (one.callee for one in sorted(inside, key=lambda one: one.line not in changed))
        unplaced_calls = (name for line in self.unplaced for name in _CALLED.findall(line) if name not in _KEYWORDS)
        return tuple(dict.fromkeys((*unplaced_calls, *placed_calls))) if self.is_c else ()

    @cached_property
    def changed_text(self) -> str:
        return "\n".join((*(self._line(number) for number in self.lines), *self.unplaced))

    @cached_property
    def named(self) -> tuple[str, ...]:
        """Identifiers of the changed lines, then of the functions around them, each once."""
        around = "\n".join(one.text for one in self.functions)
        return tuple(dict.fromkeys((*identifiers(self.changed_text), *identifiers(around))))

    def stretch(self, start: int, end: int) -> str:
        return "\n".join(self.text[start - 1 : end])

    def _line(self, number: int) -> str:
        return self.text[number - 1] if 0 < number <= len(self.text) else ""


def subjects_of(patch: Patch, tree: Tree) -> tuple[Subject, ...]:
    """Of the files of a patch that are there; `tree` is as it is before the patch."""
    found = ((diff, placed(diff, tree.read(diff.old_path))) for diff in patch.files)
    return tuple(Subject.of_placed(diff.path, one) for diff, one in found if one is not None)


def paths(subjects: tuple[Subject, ...]) -> frozenset[str]:
    return frozenset(one.path for one in subjects)


def names(subjects: tuple[Subject, ...]) -> Iterator[str]:
    """Of all subjects in turn, so that the first does not take all."""
    lists = [one.named for one in subjects]
    for at in range(max(map(len, lists), default=0)):
        yield from (listed[at] for listed in lists if at < len(listed))
