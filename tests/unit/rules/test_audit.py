from __future__ import annotations

from dataclasses import replace

from lrev.rules.audit import audit
from tests.unit.changes import rule


def test_a_rule_whose_symbol_is_gone_is_stale() -> None:
    claims = replace(rule(), claims=("kzalloc", "page_count_of_old"))
    (result,) = audit([claims], lambda name: name == "kzalloc")
    assert not result.holds
    assert result.missing == ("page_count_of_old",)
    assert audit([claims], lambda name: True)[0].holds
