"""Backports held against the upstream change that they name."""

from __future__ import annotations

import pytest

from lrev.evidence.backport import contains, differences
from lrev.evidence.backport_places import misplaced
from lrev.evidence.prerequisites import needed
from lrev.source.patch import parse_diff
from lrev.types import Address, Patch

MARKER_LINE = 3
UPSTREAM = """diff --git a/drivers/lamp/core.c b/drivers/lamp/core.c
--- a/drivers/lamp/core.c
+++ b/drivers/lamp/core.c
@@ -10,5 +10,7 @@ int lamp_on(void)
 \tint err;
 \t/* on */
-\tlamp_light();
+\terr = lamp_light();
+\tif (err)
+\t\treturn err;
 \treturn 0;
 }
@@ -30,3 +32,3 @@ void lamp_off(void)
 {
-\tlamp_dark();
+\tlamp_darken();
 }
"""


def patch(diff: str) -> Patch:
    return Patch("lamp: light", Address("Ada Example", "ada@example.org"), "Dark.\n\nmarker", parse_diff(diff))


def said(diff: str, upstream: str = UPSTREAM) -> list[tuple[str, int, str]]:
    found = differences(patch(diff), parse_diff(upstream), MARKER_LINE)
    return [(one.path, one.line, one.message) for one in found]


def test_the_same_change_gets_no_comment() -> None:
    assert said(UPSTREAM) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("@@ -10,5 +10,7 @@ int lamp_on(void)\n \tint err;", "@@ -90,5 +90,7 @@ int old(void)\n \tint ret;"),
        ("@@ -30,3 +32,3 @@ void lamp_off(void)\n {", "@@ -130,3 +132,3 @@ void off(void)\n \tx();"),
        ("drivers/lamp/core.c", "drivers/light/core.c"),
    ],
    ids=["context", "place", "folder"],
)
def test_another_place_and_context_get_no_comment(one: str, other: str) -> None:
    assert said(UPSTREAM.replace(one, other)) == []


def test_the_order_of_hunks_does_not_count() -> None:
    head, _, rest = UPSTREAM.partition("@@")
    first, _, second = ("@@" + rest).partition("@@ -30")
    moved = head + "@@ -5" + second.replace(",3 +32", ",3 +5") + first
    assert said(moved) == []


def test_a_changed_line_is_commented_on_where_it_stands() -> None:
    ((path, line, text),) = said(UPSTREAM.replace("return err;", "return -EIO;"))
    assert (path, line) == ("drivers/lamp/core.c", 14)
    assert text == 'this differs from upstream, which has: "+ return err;".'


def test_white_space_counts() -> None:
    ((_, line, _),) = said(UPSTREAM.replace("+\t\treturn err;", "+\treturn err;").replace("int err", "int x"))
    assert line == 14


def test_a_line_of_its_own_is_named() -> None:
    more = UPSTREAM.replace("-10,5 +10,7", "-10,5 +10,8").replace("+\tif (err)\n", "+\tlamp_note();\n+\tif (err)\n")
    assert said(more) == [("drivers/lamp/core.c", 13, 'upstream does not have this: "+ lamp_note();".')]


def test_what_is_left_out_is_said_at_the_marker() -> None:
    less = UPSTREAM.replace("-10,5 +10,7", "-10,5 +10,5").replace("+\tif (err)\n+\t\treturn err;\n", "")
    ((path, line, text),) = said(less)
    assert (path, line) == ("", MARKER_LINE)
    assert text == 'in drivers/lamp/core.c this leaves out what upstream has: "+ if (err)", "+ return err;".'


def test_a_removal_of_its_own_is_said_below_the_next_line() -> None:
    more = UPSTREAM.replace("-10,5 +10,7", "-10,5 +10,6").replace(" \treturn 0;\n", "-\treturn 0;\n")
    ((path, line, text),) = said(more)
    assert (path, line, '"- return 0;"' in text) == ("drivers/lamp/core.c", 15, True)


def test_files_that_only_one_side_has() -> None:
    other = UPSTREAM.replace("core.c", "room.c")
    ((path, line, text),) = said(UPSTREAM, UPSTREAM + other)
    assert (path, line) == ("", MARKER_LINE)
    assert text == "this leaves out what the upstream commit changes in drivers/lamp/room.c (6 changed lines)."
    many = "".join(UPSTREAM.replace("core.c", f"part{number}.c") for number in range(9))
    assert said(UPSTREAM, UPSTREAM + many)[0][2].endswith("part5.c (6 changed lines), 3 more files.")
    assert said(UPSTREAM + other) == [("drivers/lamp/room.c", 12, "the upstream commit does not touch this file.")]


def test_many_differences_are_counted() -> None:
    def diff(word: str) -> str:
        hunks = "".join(f"@@ -{at},3 +{at},3 @@\n a\n-b\n+{word}{at}\n c\n" for at in range(10, 400, 20))
        return f"--- a/a.c\n+++ b/a.c\n{hunks}"

    found = said(diff("x"), diff("y"))
    assert len(found) == 1 or found[-1][2].endswith("more places differ from the upstream commit.")
    assert len(found) <= 9


def test_a_diff_is_known_to_be_in_a_file() -> None:
    (diff,) = parse_diff(UPSTREAM)
    after = b"\terr = lamp_light();\n\tif (err)\n\t\treturn err;\n\treturn 0;\n}\n{\n  lamp_darken();\n}\n"
    with_all = b"\tint err;\n\t/* on */\n" + after
    assert contains(with_all, diff)
    assert not contains(with_all.replace(b"darken", b"dark"), diff)
    assert not contains(None, diff)
    (removal,) = parse_diff("--- a/a.c\n+++ b/a.c\n@@ -1,3 +1,2 @@\n int a;\n-int b;\n int c;\n")
    assert contains(b"int a;\nint c;\n", removal)
    assert not contains(b"int a;\nint b;\nint c;\n", removal)
    (mode,) = parse_diff("diff --git a/a.c b/a.c\nold mode 100644\nnew mode 100755\n")
    assert not contains(b"int a;\n", mode)


AFTER = b"""#include <linux/lamp.h>
#define LAMP_ALL(x) lamp_each(x)
static int lamp_on(struct lamp_room *room)
{
	struct lamp_state own_state; /* lamp_comment */
	int own = lamp_dim(room->level, "lamp_string");

	return own ? LAMP_DARK : lamp_local(&own_state);
}
"""
ADDED = "--- /dev/null\n+++ b/drivers/lamp/core.c\n@@ -0,0 +1,9 @@\n" + "".join(
    f"+{line}\n" for line in AFTER.decode().split("\n")[:-1]
)
HAS = {"room", "x"}


def missing(*before: Patch) -> dict[str, int]:
    found = needed(patch(ADDED), lambda _: AFTER, HAS.__contains__, before)
    return {one.name: one.line for one in found}


def test_names_that_the_tree_lacks_are_needed() -> None:
    assert missing() == {
        "lamp_each": 2,
        "lamp_room": 3,
        "lamp_state": 5,
        "lamp_dim": 6,
        "level": 6,
        "LAMP_DARK": 8,
        "lamp_local": 8,
    }


def test_names_that_an_earlier_patch_brings_are_there() -> None:
    earlier = patch(
        "--- a/a.h\n+++ b/a.h\n@@ -1 +1,4 @@\n int a;\n+int lamp_dim(int level);\n+struct lamp_room {\n+};\n"
    )
    assert missing(earlier).keys() == {"lamp_each", "lamp_state", "LAMP_DARK", "lamp_local"}


def test_only_added_lines_of_c_need_names() -> None:
    text = "--- a/{}\n+++ b/{}\n@@ -1,2 +1,2 @@\n int lamp_gone;\n-int a;\n+int b;\n"
    assert needed(patch(text.format("a.c", "a.c")), lambda _: b"int lamp_gone;\nint b;\n", HAS.__contains__, ()) == ()
    assert needed(patch(text.format("a.rst", "a.rst")), lambda _: b"b lamp", HAS.__contains__, ()) == ()
    assert needed(patch(text.format("a.c", "a.c")), lambda _: None, HAS.__contains__, ()) == ()


FUNCTIONS = "int lamp_on(void)\n{{\n\tlamp();\n{}}}\n\nint lamp_off(void)\n{{\n\tlamp();\n{}}}\n"
NOTE = "\tlamp_note();\n"


def note_at(line: int) -> str:
    return f"--- a/a.c\n+++ b/a.c\n@@ -{line - 1},2 +{line - 1},3 @@\n \tlamp();\n+{NOTE} }}\n"


def moved(own: str, theirs: str, line: int, their_line: int) -> list[tuple[str, int, str]]:
    found = misplaced(
        patch(note_at(line)), parse_diff(note_at(their_line)), lambda _: own.encode(), lambda _: theirs.encode()
    )
    return [(one.path, one.line, one.message) for one in found]


def test_a_change_in_another_function_is_named() -> None:
    off, on = FUNCTIONS.format("", NOTE), FUNCTIONS.format(NOTE, "")
    ((path, line, text),) = moved(on, off, 4, 9)
    assert (path, line) == ("a.c", 4)
    assert text == "upstream makes this change in lamp_off(), which is in this file too; here it is in lamp_on()."
    assert moved(off, off, 9, 9) == []


def test_a_change_in_a_function_of_another_name_is_the_same_change() -> None:
    off, on = FUNCTIONS.format("", NOTE), FUNCTIONS.format(NOTE, "")
    assert moved(on, off.replace("lamp_off", "lamp_dark"), 4, 9) == []
    assert moved("/* new */\n" + off, off, 10, 9) == []
