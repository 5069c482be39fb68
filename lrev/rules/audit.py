"""Checking rules against the tree they are about to be used on: a rule whose symbols are gone is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lrev.rules.load import Rule


@dataclass(frozen=True, slots=True)
class Audited:
    """`missing` are claimed symbols that an exhaustive look-up did not find."""

    rule: Rule
    missing: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.missing


def audit(rules: Iterable[Rule], exists: Callable[[str], bool]) -> tuple[Audited, ...]:
    """`exists` must be an exhaustive look-up over the indexed tree."""
    return tuple(Audited(rule, tuple(name for name in rule.claims if not exists(name))) for rule in rules)
