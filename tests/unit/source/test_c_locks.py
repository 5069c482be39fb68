from __future__ import annotations

import pytest

from lrev.source.c_code import facts, parse
from lrev.types import Fact, FactKind
from tests.unit.samples import read_sample

_KINDS = (FactKind.LEAVES_LOCKED, FactKind.LEAVES_UNLOCKED)
FACTS = [fact for fact in facts(parse(read_sample("c/left_locked.c")), "b") if fact.kind in _KINDS]


def of(function: str) -> list[Fact]:
    return [fact for fact in FACTS if fact.function == function]


@pytest.mark.parametrize(
    ("function", "kind", "detail", "condition"),
    [
        ("bad_leaves", FactKind.LEAVES_LOCKED, "&lamp->lock (mutex_lock)", ""),
        ("bad_drops", FactKind.LEAVES_UNLOCKED, "&lamp->lock (spin_unlock_irqrestore)", ""),
        ("bad_when_it_succeeds", FactKind.LEAVES_LOCKED, "&lamp->lock (mutex_lock_interruptible)", "it succeeds"),
        ("bad_try", FactKind.LEAVES_LOCKED, "&lamp->lock (spin_trylock)", "it succeeds"),
        ("bad_after_failure", FactKind.LEAVES_LOCKED, "&lamp->sem (down_read)", "it succeeds"),
        ("bad_either", FactKind.LEAVES_LOCKED, "&lamp->lock (mutex_trylock)", "on some paths"),
        ("bad_branch", FactKind.LEAVES_LOCKED, "&lamp->lock (mutex_lock)", "on some paths"),
    ],
)
def test_a_lock_that_is_left(function: str, kind: FactKind, detail: str, condition: str) -> None:
    assert [(fact.kind, fact.detail, fact.condition) for fact in of(function)] == [(kind, detail, condition)]


@pytest.mark.parametrize("function", ["good", "good_two_names", "good_other_words"])
def test_what_leaves_no_lock(function: str) -> None:
    assert of(function) == []


def test_nothing_is_said_of_a_function_with_a_parse_error() -> None:
    text = b"void f(struct a *a)\n{\n\tmutex_lock(&a->lock);\n\tg(a) +* ;\n}\n"
    assert not facts(parse(text), "b")
