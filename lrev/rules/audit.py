"""Checking rules against the tree they are about to be used on: a rule whose claims do not hold is stale."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrev.rules.claims import Claim
from lrev.rules.ground import Checked
from lrev.rules.load import FENCE
from lrev.rules.rule import Rule

_VERIFIED = re.compile(r"^verified_on\s*=.*$\n?", re.MULTILINE)
_TOKENS = re.compile(r"^(tokens\s*=.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Audited:
    """`dangling` are calls and types of the trigger that the tree does not have; `idle`: it has none of them, so that
    the rule is never triggered. `contradicts` are rules that claim the opposite.
    """

    rule: Rule
    claims: tuple[Checked, ...]
    dangling: tuple[str, ...] = ()
    idle: bool = False
    contradicts: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Checked, ...]:
        return tuple(one for one in self.claims if not one.holds)

    @property
    def holds(self) -> bool:
        return not (self.failed or self.idle or self.contradicts)


def audit(
    rules: Sequence[Rule], check: Callable[[Claim], Checked], is_known: Callable[[str], bool]
) -> tuple[Audited, ...]:
    """`check` and `is_known` look at an indexed tree: those of a Ground."""
    return tuple(
        Audited(
            rule,
            tuple(check(claim) for claim in rule.claims),
            dangling := tuple(name for name in _plain(rule) if not is_known(name)),
            idle=bool(dangling) and set(dangling) == set(_named(rule)) and rule.trigger.query is None,
            contradicts=tuple(dict.fromkeys(_opponents(rule, rules))),
        )
        for rule in rules
    )


def stale(rules: Iterable[Rule], check: Callable[[Claim], Checked]) -> Iterator[tuple[Rule, Checked]]:
    """Rules that cannot be used on a tree, with the first claim that fails."""
    for rule in rules:
        failed = next((one for one in map(check, rule.claims) if not one.holds), None)
        if failed is not None:
            yield rule, failed


def mark_verified(path: Path, tree: str) -> bool:
    """Adds `tree` to the `verified_on` of a rule's file; whether it was not there yet."""
    text = path.read_text(encoding="utf-8")
    head, fence, body = text.removeprefix(f"{FENCE}\n").partition(f"\n{FENCE}\n")
    written = _VERIFIED.search(head + "\n")
    known = list(json.loads(written[0].partition("=")[2])) if written is not None else []
    if tree in known:
        return False
    line = f"verified_on = {json.dumps([*known, tree])}"
    head = _TOKENS.sub(lambda found: f"{found[1]}\n{line}", _VERIFIED.sub("", head + "\n").rstrip("\n"), count=1)
    aside = path.with_suffix(".part")
    aside.write_text(f"{FENCE}\n{head}{fence}{body}", encoding="utf-8")
    aside.replace(path)
    return True


def _named(rule: Rule) -> tuple[str, ...]:
    return (*rule.trigger.calls, *rule.trigger.types)


def _plain(rule: Rule) -> Iterator[str]:
    """Globs apart, for which there is no look-up."""
    return (name for name in _named(rule) if name.isidentifier())


def _opponents(rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
    for other in rules:
        if any(mine.contradicts(one) for mine in rule.claims for one in other.claims):
            yield other.id
