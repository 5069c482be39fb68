"""The rules that are shipped, each tried on its own examples, and what is said of examples that do not do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.evidence.examples import example, faults
from lrev.paths import prompts_directory
from lrev.rules.load import check_queries, load_rules
from lrev.rules.rule import Refuter, Rule, Trigger
from tests.unit.changes import rule

SHIPPED = load_rules(prompts_directory() / "rules")


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.id)
def test_a_shipped_rule_is_as_its_examples_say(one: Rule) -> None:
    check_queries(one)
    assert faults(one) == ()


def test_what_is_wrong_with_examples_is_said() -> None:
    sound = rule(Refuter.RESULT_CHECKED)
    assert faults(sound) == ()
    (said,) = faults(replace(sound, wrong=sound.right))
    assert said.startswith("code clears its wrong example")
    (said,) = faults(replace(sound, right=sound.wrong))
    assert "give one that it does, as clear" in said
    assert faults(replace(sound, right=sound.wrong, clear=sound.right)) == ()
    (said,) = faults(replace(sound, wrong="static int f(void) { return 0; }"))
    assert said == "its wrong example does not trigger it"
    (said,) = faults(replace(sound, right="static int f(void) { return 0;"))
    assert said == "its right example is no whole C function"


def test_an_example_is_read_as_a_patch_to_a_file_that_the_rule_is_for() -> None:
    shown = example(replace(rule(), trigger=Trigger(calls=("kzalloc",), paths=("net/*",))), rule().wrong)
    assert shown is not None
    assert shown.function.path.startswith("net/")
    assert shown.match is not None
    assert (shown.match.call, shown.match.variable) == ("kzalloc", "p")


def test_a_mechanism_is_what_a_check_says_and_never_asked() -> None:
    mechanism = Trigger(mechanisms=("unchecked allocation",))
    shown = example(replace(rule(), trigger=mechanism), rule().wrong.replace("{call}", "kzalloc"))
    assert shown is not None
    assert shown.match is not None
    assert shown.match.proven
