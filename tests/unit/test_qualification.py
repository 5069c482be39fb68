from __future__ import annotations

from dataclasses import replace

from lrev.manifest import Tier
from lrev.paths import home
from lrev.qualification import Share, store, stored
from tests.unit.qualifications import SHA256, qualification


def test_what_was_stored_comes_back() -> None:
    assert stored(SHA256) is None
    one = qualification()
    path = store(one)
    assert path == home() / "qualifications" / f"{SHA256}.json"
    assert stored(SHA256) == one
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_another_schema_or_a_broken_file_is_none() -> None:
    path = store(replace(qualification(), schema=99))
    assert stored(SHA256) is None
    path.write_text("{")
    assert stored(SHA256) is None


def test_its_figures() -> None:
    one = qualification()
    assert one.in_order == Share(2, 3)
    assert one.answered_openly == Share(1, 3)
    assert one.forms_kept == Share(5, 6)


def test_its_id_is_that_of_its_figures() -> None:
    assert qualification().id == qualification().id
    assert qualification().id != qualification(Tier.TEST).id
    assert qualification().line == f"{qualification().id}, tier small, told 2 of 3 twins apart"
