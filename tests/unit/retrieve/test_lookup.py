"""Each kind of passage of tests/data/context is found, from the right place and for the right reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from lrev.indexing.reader import Index
from lrev.retrieve.candidate import Candidate, Origin
from lrev.retrieve.definitions import distance
from lrev.retrieve.lookups import _documented
from lrev.retrieve.pack import pack_patch
from lrev.source.patch import parse_diff
from tests.unit.retrieve.lamps import DATA, candidates, indexed, the_patch

# What must be among the passages of an origin: where it stands, a line of it, and why it was chosen.
EXPECTED = {
    Origin.FUNCTION: ("drivers/lamp/lamp.c:3-11", "return PTR_ERR(lamp);", "the function that changes"),
    Origin.NEARBY: ("drivers/lamp/lamp.c:", "lamp_schedule(dev, LAMP_BLINK_MSECS);", "lines from the change"),
    Origin.CALLEES: ("drivers/lamp/core.c:10-18", "Return: the lamp, or an error pointer", "called by the change"),
    Origin.FAMILY: ("include/linux/lamp.h:", "lamp_get_optional", "declared beside lamp_get"),
    Origin.CALLERS: ("drivers/lamp/lamp.c:", "lamp_forget(dev);", "lamp_reprobe() calls lamp_probe()"),
    Origin.TYPES: ("include/linux/lamp.h:4-8", "int volts;", "a type that the change uses"),
    Origin.SIMILAR: ("drivers/lamp/dimmer.c:", "dimmer_start(lamp)", "code like the change"),
    Origin.DOCUMENTS: ("Documentation/driver-api/lamp.rst:", "checks the result with IS_ERR()", "documentation near"),
    Origin.COMMENTS: ("of-other@example.org", "has to return -EPROBE_DEFER itself", "said in review of similar code"),
    Origin.PATCHES: ("other@example.org", "may be probed after its dimmer", "a patch to similar code"),
    Origin.VERSIONS: ("open@example.org", "this tests nothing at all", "said of version 1, open"),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with indexed(tmp_path_factory.mktemp("lamps")) as opened:
        yield opened


def of_origin(found: tuple[Candidate, ...], origin: Origin) -> list[Candidate]:
    return [one for one in found if one.origin is origin]


def test_each_origin_is_expected_and_no_other() -> None:
    assert set(EXPECTED) == set(Origin)


@pytest.mark.parametrize("origin", EXPECTED)
def test_each_kind_of_passage_is_found_for_its_reason(index: Index, origin: Origin) -> None:
    source, line, reason = EXPECTED[origin]
    found = of_origin(candidates(index, the_patch()), origin)
    assert any(source in one.source and line in one.text and reason in one.reason for one in found), found


def test_facts_and_callees_of_what_is_called_are_told(index: Index) -> None:
    (contract, _) = (one for one in candidates(index, the_patch()) if one.group == "drivers/lamp/core.c lamp_get")
    assert "lamp_get(): returns ERR_PTR" in contract.text
    assert "it calls lamp_find, " in contract.text


def test_a_comment_that_was_answered_is_marked_and_one_of_another_patch_is_not_shown_as_ones_own(index: Index) -> None:
    found = {one.source: one for one in of_origin(candidates(index, the_patch()), Origin.VERSIONS)}
    assert set(found) == {"open@example.org", "answered@example.org"}
    assert found["answered@example.org"].reason == "said of version 1, answered"
    assert found["open@example.org"].urgency > found["answered@example.org"].urgency


def test_the_open_comment_stands_before_all_else_in_the_pack(index: Index) -> None:
    pack = pack_patch(candidates(index, the_patch()), the_patch(), lambda text: len(text.split()), 120)
    assert pack.passages[0].source == "open@example.org"
    assert pack.tokens <= 120


def test_no_mail_of_the_day_or_later_and_none_of_the_own_thread_is_seen(index: Index) -> None:
    second_day = 1709596800  # 2024-03-05
    found = {one.source for one in candidates(index, the_patch(), before=second_day)}
    assert "open@example.org" in found
    assert not found & {"other@example.org", "of-other@example.org"}
    first_day = 1709510400
    assert not {one.source for one in candidates(index, the_patch(), before=first_day) if "@" in one.source}


def test_a_patch_is_seen_on_top_of_the_parts_before_it(index: Index) -> None:
    earlier = replace(the_patch(), files=parse_diff((DATA / "part-before.diff").read_text()))
    found = candidates(index, the_patch(), earlier)
    text = "\n".join(one.text for one in found)
    assert "lamp_census()" in text
    assert "lamp_forget_all(dev)" in text and "lamp_forget(dev)" not in text
    (body,) = (one for one in found if one.source == "drivers/lamp/core.c:10-18" and "{" in one.text)
    assert "EPROBE_DEFER" in body.text
    (function,) = of_origin(found, Origin.FUNCTION)
    assert function.source == "drivers/lamp/lamp.c:8-16"


def test_a_file_that_is_not_there_and_a_file_that_is_new_give_no_error(index: Index) -> None:
    (diff,) = the_patch().files
    gone = replace(diff, old_path="drivers/lamp/gone.c", new_path="drivers/lamp/gone.c")
    found = candidates(index, the_patch(files=(gone,)))
    assert not of_origin(found, Origin.FUNCTION)


@pytest.mark.parametrize(
    ("nearer", "farther", "of"),
    [
        ("drivers/lamp/lamp.c", "drivers/lamp/core.c", "drivers/lamp/lamp.c"),
        ("drivers/lamp/core.c", "include/linux/lamp.h", "drivers/lamp/lamp.c"),
        ("include/asm-generic/bits.h", "arch/sh/include/asm/bits.h", "drivers/lamp/lamp.c"),
        ("arch/x86/include/asm/bits.h", "arch/sh/include/asm/bits.h", "drivers/lamp/lamp.c"),
        ("arch/sh/include/asm/bits.h", "arch/x86/include/asm/bits.h", "arch/sh/boards/lamp.c"),
    ],
)
def test_of_namesakes_the_nearest_is_meant(nearer: str, farther: str, of: str) -> None:
    assert distance(nearer, of) < distance(farther, of)


def test_what_the_index_knows_of_a_changed_file_is_not_told_of_what_it_is_now(index: Index) -> None:
    earlier = replace(the_patch(), files=parse_diff((DATA / "part-before.diff").read_text()))
    (contract, _) = (
        one for one in candidates(index, the_patch(), earlier) if one.group == "drivers/lamp/core.c lamp_get"
    )
    assert "Return: the lamp" in contract.text
    assert "ENODEV" not in contract.text and "it calls" not in contract.text


def test_a_file_that_the_patch_takes_away_is_no_example(index: Index) -> None:
    dimmer = (DATA / "tree" / "drivers/lamp/dimmer.c").read_text().rstrip("\n").split("\n")
    gone = "diff --git a/drivers/lamp/dimmer.c b/drivers/lamp/dimmer.c\ndeleted file mode 100644\n"
    gone += f"--- a/drivers/lamp/dimmer.c\n+++ /dev/null\n@@ -1,{len(dimmer)} +0,0 @@\n"
    gone += "".join(f"-{line}\n" for line in dimmer)
    found = candidates(index, the_patch(files=(*the_patch().files, *parse_diff(gone))))
    assert not [one for one in found if "dimmer.c" in one.source and "@" not in one.source]


def test_a_comment_that_ends_a_condition_is_no_documentation(index: Index) -> None:
    assert _documented(["/* All of it is licensed. */", "#endif /* CONFIG_LAMP */", "int lamp_get(void);"], 3) == []
    assert _documented(["/* Gets a lamp. */", "int lamp_get(void);"], 2) == ["/* Gets a lamp. */"]
