"""Paths that the checks cannot tell apart are one, and nothing that a check would have said is lost by that."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.evidence.checks import CHECKS
from lrev.evidence.defect import FunctionImage, read_image
from lrev.source.c_code import functions, parse
from lrev.source.control_flow import Interest, paths
from tests.unit.evidence.checking import Known
from tests.unit.samples import read_sample

SAMPLES = sorted(path.name for path in (Path(__file__).parents[2] / "data" / "c").glob("*.c"))


def image_of(data: bytes, changed: frozenset[int] = frozenset()) -> FunctionImage:
    found = read_image(functions(parse(data))[0], data, Known(), "lamp.c", changed)
    assert found is not None
    return found


def branches(count: int, statement: str) -> bytes:
    body = "".join(f"\tif (lamp->f{at})\n\t\t{statement % at};\n" for at in range(count))
    head = "int lamp_many(struct lamp *lamp)\n{\n\tmutex_lock(&lamp->lock);\n"
    return f"{head}{body}\tmutex_unlock(&lamp->lock);\n\treturn 0;\n}}\n".encode()


def test_branches_that_do_nothing_of_interest_are_no_different_paths() -> None:
    (only,) = image_of(branches(30, "lamp->n%d++")).paths
    assert len(only) == 30 + 3  # the shortest: every condition false


def test_branches_that_call_through_a_pointer_are() -> None:
    image = image_of(branches(16, "lamp->ops->n%d(lamp)"))
    assert image.paths == ()
    assert image.gave_up


def test_a_condition_that_decides_twice_keeps_its_outcome() -> None:
    data = branches(1, "lamp->n%d++").replace(b"\tmutex_unlock", b"\tif (lamp->f0)\n\t\tmutex_unlock")
    assert len(image_of(data).paths) == 2


def test_one_path_through_each_changed_line_is_kept() -> None:
    data = branches(2, "lamp->n%d++")
    through = {step.line for path in image_of(data, frozenset({7})).paths for step in path}
    assert 7 in through
    assert 7 not in {step.line for path in image_of(data).paths for step in path}


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_the_checks_say_is_the_same(sample: str) -> None:
    data = read_sample(f"c/{sample}")
    for function in functions(parse(data)):
        merged, whole = (read_image(function, data, Known(), "lamp.c") for _ in range(2))
        if merged is None or whole is None:
            continue
        whole.__dict__["paths"] = paths(whole.node, whole.data)
        said = [{defect.identity for check in CHECKS for defect in check(image)} for image in (merged, whole)]
        assert said[0] == said[1], function.name


def test_every_path_is_one_when_all_is_of_interest() -> None:
    image = image_of(branches(5, "lamp->n%d++"))
    everything = paths(image.node, image.data, Interest(lambda _: True))
    assert len(everything) == len(paths(image.node, image.data)) == 2**5
