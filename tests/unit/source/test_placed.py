from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lrev.source.line_map import LineMap
from lrev.source.patch import parse_diff
from lrev.source.placed import placed
from lrev.types import FileDiff, Span

FILE = b"".join(b"\tlamp_step_number(%d);\n" % number for number in range(1, 41))


def diff(text: str) -> FileDiff:
    (one,) = parse_diff("diff --git a/lamp.c b/lamp.c\n--- a/lamp.c\n+++ b/lamp.c\n" + text)
    return one


APPLIES = "@@ -4,2 +4,3 @@\n \tlamp_step_number(4);\n+\tlamp_on();\n \tlamp_step_number(5);\n"
REMOVES = "@@ -9,3 +9,2 @@\n \tlamp_step_number(9);\n-\tlamp_step_number(10);\n \tlamp_step_number(11);\n"
# Of the old lines one was changed meanwhile, and the numbers are of another version.
DRIFTED = (
    "@@ -120,4 +120,5 @@\n \tlamp_step_number(30);\n \tlamp_was_otherwise();\n+\tlamp_off();\n"
    " \tlamp_step_number(32);\n \tlamp_step_number(33);\n"
)


def test_new_lines_and_the_line_above_a_removed_one_are_what_changes() -> None:
    found = placed(diff(APPLIES + REMOVES), FILE)
    assert found is not None
    assert found.data.split(b"\n")[4] == b"\tlamp_on();"
    assert (found.lines, found.added, found.unplaced) == ((5, 10), frozenset({5}), ())


def test_a_hunk_that_does_not_apply_is_placed_by_most_of_its_lines() -> None:
    found = placed(diff(APPLIES + DRIFTED), FILE)
    assert found is not None
    assert found.added == {5}
    assert found.unplaced == ("\tlamp_off();",)
    assert 32 in found.lines and found.data.split(b"\n")[31] == b"\tlamp_step_number(31);"


def test_a_hunk_that_stands_nowhere_has_no_place() -> None:
    nowhere = "@@ -4,2 +4,3 @@\n \tthis_is_not_there(1);\n+\tlamp_on();\n \tnor_is_this_line(2);\n"
    found = placed(diff(nowhere), FILE)
    assert found is not None
    assert (found.data, found.lines, found.unplaced) == (FILE, (), ("\tlamp_on();",))


def test_no_file_no_place() -> None:
    assert placed(diff(APPLIES), None) is None


def test_lines_are_followed_through_a_change() -> None:
    before, after = ["a", "b", "c", "d", "e"], ["a", "new", "b", "d", "e", "f"]
    lines = LineMap.of(before, after)
    assert [lines.after(number) for number in range(1, 6)] == [1, 3, None, 4, 5]
    assert lines.span(Span(2, 3)) == Span(3, 3)
    assert lines.span(Span(3, 3)) is None


@given(before=st.lists(st.sampled_from("abcd"), max_size=20), after=st.lists(st.sampled_from("abcd"), max_size=20))
def test_a_line_is_only_ever_mapped_to_an_equal_one(before: list[str], after: list[str]) -> None:
    lines = LineMap.of(before, after)
    now = [lines.after(number) for number in range(1, len(before) + 1)]
    assert all(after[one - 1] == line for one, line in zip(now, before, strict=True) if one is not None)
    kept = [one for one in now if one is not None]
    assert kept == sorted(set(kept))
    if before == after:
        assert kept == list(range(1, len(before) + 1))


def test_a_new_file_that_a_later_tree_has_already_is_read_as_the_patch_brings_it() -> None:
    (new,) = parse_diff(
        "diff --git a/new.c b/new.c\nnew file mode 100644\n--- /dev/null\n+++ b/new.c\n@@ -0,0 +1 @@\n+int lamp;\n"
    )
    found = placed(new, b"int lamp;\nint other;\n")
    assert found is not None
    assert (found.data, found.added) == (b"int lamp;\n", frozenset({1}))
