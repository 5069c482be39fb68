from __future__ import annotations

from xml.etree import ElementTree

import pytest

from lrev.batch.digest import Reviewed
from lrev.batch.morning.plots import MOST_SUBSYSTEMS, SUBSYSTEM_LABEL, subsystem_plot, time_plot
from lrev.batch.morning.spent import SubsystemFindings
from tests.unit.batch.morning.digests import review, reviewed

SVG = "{http://www.w3.org/2000/svg}"
ROWS = (SubsystemFindings("LAMPS", 3, 1), SubsystemFindings("SWITCHES", 0, 2))


def jobs(count: int) -> list[Reviewed]:
    return [reviewed(job, review()) for job in range(1, count + 1)]


def texts(picture: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_the_same_figures_give_the_same_bytes() -> None:
    assert subsystem_plot(ROWS) == subsystem_plot(ROWS)
    assert time_plot(jobs(3)) == time_plot(jobs(3))


@pytest.mark.parametrize("picture", [subsystem_plot(ROWS), time_plot(jobs(3))], ids=["subsystems", "times"])
def test_a_picture_has_no_style_of_its_own_and_takes_the_ink_of_the_page(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    names = {name for one in root.iter() for name in one.attrib}
    assert "style" not in names
    assert not list(root.iter(f"{SVG}style")) and not list(root.iter(f"{SVG}metadata"))
    assert root.get("role") == "img" and root.get("aria-label")
    assert "#000000" not in picture and "#ffffff" not in picture
    assert "currentColor" in picture


def test_two_pictures_share_no_id() -> None:
    def ids(picture: str) -> set[str]:
        return {one.attrib["id"] for one in ElementTree.fromstring(picture).iter() if "id" in one.attrib}

    assert ids(subsystem_plot(ROWS)) and ids(time_plot(jobs(3)))
    assert not ids(subsystem_plot(ROWS)) & ids(time_plot(jobs(3)))


def test_what_refers_to_a_part_finds_it() -> None:
    root = ElementTree.fromstring(subsystem_plot(ROWS))
    ids = {one.attrib["id"] for one in root.iter() if "id" in one.attrib}
    wanted = {value.strip("url()#") for one in root.iter() for value in one.attrib.values() if "#" in value}
    assert {one for one in wanted if not one.startswith(tuple("0123456789")) and len(one) == 11} <= ids


def test_many_subsystems_are_summed_up_in_one_bar() -> None:
    rows = [SubsystemFindings(f"S{place}", 1, 0) for place in range(MOST_SUBSYSTEMS + 5)]
    labels = texts(subsystem_plot(rows))
    assert "5 others" in labels
    assert f"S{MOST_SUBSYSTEMS}" not in labels


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("$\\frac{x", "$\\frac{x"),
        ("\x1b<b>&", "\\x1b<b>&"),
        ("\u6f22\n\u202e", "\\u6f22 \\u202e"),
        ("x" * 80, "x" * 26 + " [...]"),
    ],
)
def test_a_name_is_drawn_as_it_is_written(name: str, shown: str) -> None:
    """No formula, no element, and no warning of a letter that the font lacks."""
    assert shown in texts(subsystem_plot([SubsystemFindings(name, 1, 1)]))


def test_hundreds_of_jobs_are_one_outline_a_stage() -> None:
    picture = time_plot(jobs(5000))
    assert len(picture) < 100_000
    assert {"code", "model", "the rest", "jobs, the slowest first; a step is the slowest of 17"} <= set(texts(picture))


def test_without_figures_there_is_no_picture() -> None:
    assert subsystem_plot([]) == ""
    assert time_plot([]) == ""
    assert SUBSYSTEM_LABEL in subsystem_plot(ROWS)
