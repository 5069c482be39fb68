from __future__ import annotations

from collections.abc import Iterator

import pytest

from lrev.indexing.reader import Index
from tests.unit.indexing.inferring import index_of, inferred
from tests.unit.samples import read_sample

FILES = {"drivers/lamp/lamp.c": read_sample("c/lifetimes.c").decode()}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with index_of(tmp_path_factory.mktemp("lifetimes"), FILES) as opened:
        yield opened


def told(index: Index, name: str, words: str) -> list[str]:
    return [one for one in inferred(index, name) if words in one]


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("lamp_free", ["frees argument 1, handed to kfree"]),
        ("lamp_drop", ["frees argument 2, handed to lamp_free"]),
        ("lamp_free_if_there", ["frees argument 1, handed to kfree"]),
        ("lamp_give_up", ["frees argument 1, handed to kfree, it succeeds"]),
        ("lamp_free_if_old", ["frees argument 1, handed to kfree, on some paths"]),
    ],
)
def test_what_is_freed(index: Index, function: str, known: list[str]) -> None:
    assert told(index, function, "argument") == known


@pytest.mark.parametrize("function", ["above_old", "room_free_part"])
def test_what_is_not_known_to_be_freed(index: Index, function: str) -> None:
    """What a callee frees on some paths only, and a part that would be freed in place."""
    assert told(index, function, "frees") == []


def test_references_of_an_embedded_part_are_those_of_the_whole(index: Index) -> None:
    assert told(index, "lamp_put", "argument") == ["drops a reference of argument 1, handed to kref_put"]
    assert told(index, "lamp_get", "argument") == ["takes a reference of argument 1, handed to kref_get"]


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("lamp_first", ["returns a reference by get_device"]),
        ("lamp_lookup", ["returns a reference by lamp_first"]),
        ("lamp_peek", []),
        ("lamp_get", []),
    ],
)
def test_references_that_are_returned(index: Index, function: str, known: list[str]) -> None:
    """Not one that is dropped again, nor one of what the caller gave."""
    assert told(index, function, "returns a reference") == known


@pytest.mark.parametrize(
    ("function", "known"),
    [
        ("lamp_alloc", ["returns an allocation by kzalloc"]),
        ("lamp_new", ["returns an allocation by lamp_alloc"]),
        ("lamp_new_or_old", ["returns an allocation by lamp_alloc, on some paths"]),
        ("above_new_or_old", []),
    ],
)
def test_allocations_that_are_returned(index: Index, function: str, known: list[str]) -> None:
    assert told(index, function, "allocation") == known


def test_errors_and_null_are_handed_on_until_they_are_looked_for(index: Index) -> None:
    assert told(index, "hands_error_on", "ERR_PTR") == ["returns ERR_PTR by lamp_or_error"]
    assert told(index, "looks_for_error", "ERR_PTR") == []
    assert told(index, "hands_null_on", "NULL") == ["returns NULL by looks_for_error"]
    assert told(index, "looks_for_null", "NULL") == []
    assert told(index, "returns_what_is_there", "NULL") == []
    assert told(index, "looks_and_returns", "NULL") == ["returns NULL by looks_for_error"]


def test_each_fact_names_the_call_it_is_known_by(index: Index) -> None:
    assert told(index, "get_and_put", "argument") == [
        "drops a reference of argument 1, handed to kref_put, on some paths",
        "takes a reference of argument 1, handed to kref_get, on some paths",
    ]
