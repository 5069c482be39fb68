"""What code can answer of a rule's question, so that no model is asked it.

Each refuter reads the post-image of one changed function and says in a sentence why the defect a rule asks about
cannot be there, or "" when it cannot say. Comments and string literals are blanked first; names are matched as
whole words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lrev.rules.rule import Refuter
from lrev.rules.triggers import Match
from lrev.types import ChangedFunction

_BLANKED = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_ATOMIC_BEGINS = re.compile(
    r"\b(?:raw_)?(?:spin|read|write)_(?:try)?lock(?:_\w+)?\s*\(|\brcu_read_lock(?:_\w+)?\s*\(|"
    r"\blocal_(?:irq_save|irq_disable|bh_disable)\s*\(|\bpreempt_disable\s*\(|\bguard\s*\(\s*(?:raw_)?spin|\bguard\s*\(\s*rcu"
)
_LIST_REMOVAL = re.compile(r"\bh?list_(?:del|move|splice)\w*\s*\(|\bk\w*free\w*\s*\(")


@dataclass(frozen=True, slots=True)
class _Lines:
    """The code of a function by line of the file, comments and strings blanked."""

    first: int
    lines: tuple[str, ...]

    def until(self, line: int) -> str:
        return "\n".join(self.lines[: line - self.first])

    def at(self, line: int) -> str:
        """The line and, when its statement goes on, the lines up to the semicolon or brace."""
        rest = "\n".join(self.lines[line - self.first :])
        end = re.search(r"[;{]", rest)
        return rest[: end.end()] if end else rest

    def find(self, pattern: str, after: int) -> int:
        """The first line, from the one after `after` on, that matches; 0 if there is none."""
        numbered = enumerate(self.lines[after + 1 - self.first :], after + 1)
        return next((number for number, text in numbered if re.search(pattern, text)), 0)


def refute(function: ChangedFunction, match: Match) -> str:
    """Why the rule's defect cannot be there, from the first of its refuters that can say; else ""."""
    if function.after is None:
        return "the function is gone"
    blanked = _BLANKED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), function.after.text)
    code = _Lines(function.after.span.start, tuple(blanked.split("\n")))
    reasons = (_REFUTERS[refuter](code, match) for refuter in match.rule.refuters)
    return next((reason for reason in reasons if reason), "")


def _whole(variable: str) -> str:
    return rf"(?<![\w.>]){re.escape(variable)}(?![\w.\[(]|->)"


def _result_checked(code: _Lines, match: Match) -> str:
    statement = code.at(match.line)
    call = rf"\b{re.escape(match.call)}\s*\("
    if re.search(rf"\b(?:if|while|return|switch)\b[^;]*{call}|[!?|&]=?\s*{call}", statement):
        return f"line {match.line} tests or passes on the result of {match.call}()"
    if re.search(rf"\breturn\b[^;]*{call}", _statement_before(code, match.line) + statement):
        return f"line {match.line} passes on the result of {match.call}()"
    if not match.variable:
        return ""
    name = _whole(match.variable)
    line = code.find(
        rf"!\s*{name}|{name}\s*(?:[=!<>]=|[<>]\s)|IS_ERR\w*\(\s*{name}|{name}\s*\?|\breturn\s+{name}\s*;|"
        rf"\b(?:if|while|likely|unlikely)\s*\(\s*{name}\s*[)&|]|(?:&&|\|\|)\s*{name}\s*[)&|]",
        match.line - 1,
    )
    if not line or _dereferenced_before(code, match, line):
        return ""
    return f"line {line} tests or passes on `{match.variable}`"


def _dereferenced_before(code: _Lines, match: Match, line: int) -> bool:
    """Whether the result is followed as a pointer, after the call and above `line`."""
    name = re.escape(match.variable)
    first = code.find(rf"(?<![\w.>]){name}(?:->|\[)|(?<!sizeof\()\*{name}\b", match.line)
    return 0 < first < line


def _statement_before(code: _Lines, line: int) -> str:
    return re.split(r"[;{}]", code.until(line))[-1]


def _result_checked_with_is_err(code: _Lines, match: Match) -> str:
    if not match.variable:
        return _result_checked(code, match)
    name = _whole(match.variable)
    line = code.find(rf"\b(?:IS_ERR\w*|PTR_ERR\w*|dev_err_probe)\(.*{name}|\breturn\b[^;]*{name}", match.line - 1)
    if not line or _dereferenced_before(code, match, line):
        return ""
    return f"line {line} tests `{match.variable}` for an error pointer or passes it on"


def _no_atomic_section(code: _Lines, match: Match) -> str:
    begins = _ATOMIC_BEGINS.search(code.until(match.line))
    return "" if begins else f"no spinlock is taken and no RCU section begins in the function before line {match.line}"


def _no_gfp_kernel(code: _Lines, match: Match) -> str:
    return "" if re.search(r"\bGFP_KERNEL\w*\b", code.at(match.line)) else f"line {match.line} does not pass GFP_KERNEL"


def _put_present(code: _Lines, match: Match) -> str:
    line = code.find(r"\w*_put\w*\s*\(|\bput_\w+\s*\(|\b__free\s*\(", match.line - 1)
    return f"line {line} puts a reference, which the checks of the paths look at" if line else ""


def _no_list_removal(code: _Lines, match: Match) -> str:
    body = "\n".join(code.lines[match.line - code.first :])
    return "" if _LIST_REMOVAL.search(body) else f"nothing after line {match.line} removes or frees an entry"


def _length_compared(code: _Lines, match: Match) -> str:
    arguments = re.split(r",", code.at(match.line).partition(f"{match.call}(")[2])
    if re.search(r"\bsizeof\b", arguments[-1]):
        return f"line {match.line} copies sizeof its destination"
    for name in re.findall(r"[A-Za-z_]\w*", arguments[-1]):
        compared = rf"\b{name}\b\s*[<>]|[<>]=?\s*{name}\b|\b(?:min|min_t|clamp)\w*\([^;]*\b{name}\b"
        if re.search(compared, code.until(match.line) + code.at(match.line)):
            return f"`{name}` is compared before line {match.line}"
    return ""


def _not_used_after(code: _Lines, match: Match) -> str:
    arguments = code.at(match.line).partition(f"{match.call}(")[2]
    name = re.search(r"([A-Za-z_]\w*)\s*\)", arguments)
    if name is None:
        return ""
    line = code.find(rf"\b{name[1]}\b", match.line)
    return "" if line else f"`{name[1]}` is not named after line {match.line}"


_REFUTERS: dict[Refuter, Callable[[_Lines, Match], str]] = {
    Refuter.RESULT_CHECKED: _result_checked,
    Refuter.RESULT_CHECKED_WITH_IS_ERR: _result_checked_with_is_err,
    Refuter.NO_ATOMIC_SECTION: _no_atomic_section,
    Refuter.NO_GFP_KERNEL: _no_gfp_kernel,
    Refuter.PUT_PRESENT: _put_present,
    Refuter.NO_LIST_REMOVAL: _no_list_removal,
    Refuter.LENGTH_COMPARED: _length_compared,
    Refuter.NOT_USED_AFTER: _not_used_after,
}
