from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ManifestError
from lrev.paths import prompts_directory
from lrev.rules.load import check_queries, load_rules, parse_rule
from lrev.rules.rule import Refuter

GOOD = """+++
id = "lamp"
title = "A lamp"
severity = "high"
refuters = ["result-checked"]
comment = "{call}() fails"
claims = [{exists = "lamp_on"}]
tokens = 40
[trigger]
calls = ["lamp_on"]
[question]
sound = "the lamp is lit"
defect = "the lamp is dark"
[example]
right = "int f(void) { return lamp_on(); }"
wrong = "int f(void) { lamp_on(); return 0; }"
+++

Lamps fail.
"""


def test_shipped_rules_load_and_each_asks_both_ways_round() -> None:
    rules = load_rules(prompts_directory() / "rules")
    assert len(rules) >= 10
    assert all(rule.defect != rule.sound and rule.right != rule.wrong and rule.knowledge for rule in rules)


def test_a_rule_is_read_with_its_subsystem_from_the_folder() -> None:
    rule = parse_rule(GOOD, Path("rules/lights/lamp.md"))
    assert (rule.id, rule.subsystem, rule.refuters) == ("lamp", "lights", (Refuter.RESULT_CHECKED,))
    assert rule.knowledge == "Lamps fail."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Lamps fail.\n", "no front matter"),
        (GOOD.replace('id = "lamp"', 'id = "torch"'), "calls itself 'torch'"),
        (GOOD.replace("severity", "severitty"), "severity"),
        (GOOD.replace('"result-checked"', '"made-up"'), "refuters"),
        (GOOD.replace('"lamp_on"', '"lamp_*"'), "plain name"),
        (GOOD.replace('title = "A lamp"', "title = "), "lamp.md"),
        (
            GOOD.replace("[question]", "query = '((identifier) @match (#not-any-of? @match \"a\"))'\n[question]"),
            "not-any-of",
        ),
        (GOOD.replace("[question]", "query = '(identifier) @other'\n[question]"), "no meaning for @other"),
        (GOOD.replace("[question]", "query = '(identifier) @call'\n[question]"), "what is the @match"),
        (GOOD.replace("[question]", "unless = '(no_such_node)'\n[question]"), "unless: "),
    ],
)
def test_a_broken_rule_is_named(text: str, says: str) -> None:
    with pytest.raises(ManifestError, match=says):
        check_queries(parse_rule(text, Path("rules/lights/lamp.md")))


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "lamp.md").write_text(GOOD)
    with pytest.raises(ManifestError, match="stands twice"):
        load_rules(tmp_path)
