from __future__ import annotations

import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lrev.source.apply import PatchDoesNotApply, apply, apply_at
from lrev.source.patch import parse_diff
from lrev.types import FileDiff

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "\tif (x)", "}", "é"]), max_size=30)


def diff_of(before: list[str], after: list[str], context: int = 3) -> FileDiff:
    text = "\n".join(difflib.unified_diff(before, after, "a/f.c", "b/f.c", lineterm="", n=context))
    (diff,) = parse_diff(text + "\n")
    return diff


def bytes_of(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


@given(before=LINES, after=LINES)
def test_a_diff_of_two_texts_turns_one_into_the_other(before: list[str], after: list[str]) -> None:
    assume(before != after and before and after)
    assert apply(bytes_of(before), diff_of(before, after)) == bytes_of(after)


@given(before=LINES, after=LINES, above=st.integers(1, 20))
def test_it_applies_at_an_offset(before: list[str], after: list[str], above: int) -> None:
    head = [f"head {number}" for number in range(above)]
    first, last = ["first one", "first two", "first three"], ["last one", "last two", "last three"]
    old, new = [*first, *before, *last], [*first, *after, *last]
    assume(old != new)
    assert apply(bytes_of([*head, *old]), diff_of(old, new, context=40)) == bytes_of([*head, *new])


def test_what_does_not_match_names_file_and_hunk() -> None:
    diff = diff_of(["one", "two", "three"], ["one", "deux", "three"])
    with pytest.raises(PatchDoesNotApply, match=r"'f.c': hunk 1 at line 1"):
        apply(b"one\nTWO\nthree\n", diff)
    with pytest.raises(PatchDoesNotApply, match="does not exist"):
        apply(None, diff)


def test_alike_stretches_do_not_draw_a_hunk_away_from_the_next() -> None:
    """All three hunks have moved up; the first must not take the place of the last, which is nearest to it."""
    text = "".join(f"@@ -{line},3 +{line},3 @@\n top\n-old\n+new\n end\n" for line in (31, 41, 51))
    (diff,) = parse_diff(f"--- a/f.c\n+++ b/f.c\n{text}")
    block = b"top\nold\nend\n"
    assert apply(block * 3 + b"x\n" * 5, diff) == block.replace(b"old", b"new") * 3 + b"x\n" * 5


def test_a_file_of_crlf_lines_takes_a_mail_that_lost_them() -> None:
    assert apply(b"one\r\ntwo\r\n", diff_of(["one", "two"], ["one", "deux"])) == b"one\r\ndeux\r\n"


def test_a_latin1_file_takes_a_decoded_diff() -> None:
    assert apply(b"caf\xe9\nx\n", diff_of(["café", "x"], ["café", "y"])) == b"caf\xe9\ny\n"


def test_the_newline_at_the_end_follows_the_diff() -> None:
    (diff,) = parse_diff("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")
    assert apply(b"a", diff) == b"a\n"
    (diff,) = parse_diff("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n")
    assert apply(b"a\n", diff) == b"a"


def test_a_new_file_and_a_deleted_one() -> None:
    (new,) = parse_diff("diff --git a/n.c b/n.c\nnew file mode 100644\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+one\n")
    assert apply(None, new) == b"one\n"
    (gone,) = parse_diff(
        "diff --git a/n.c b/n.c\ndeleted file mode 100644\n--- a/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-one\n"
    )
    assert apply(b"one\n", gone) is None


@given(before=LINES, after=LINES, above=st.integers(0, 20))
def test_lines_are_numbered_where_they_were_found(before: list[str], after: list[str], above: int) -> None:
    head = [f"head {number}" for number in range(above)]
    old, new = ["first", *before, "last"], ["first", *after, "last"]
    assume(old != new)
    diff = diff_of(old, new, context=1)
    applied = apply_at(bytes_of([*head, *old]), diff)
    assert applied.after is not None
    images = [*head, *old], applied.after.decode().split("\n")
    lines = [line for hunk in applied.diff.hunks for line in hunk.lines]
    assert all(images[0][line.old - 1] == line.text for line in lines if line.old is not None)
    assert all(images[1][line.new - 1] == line.text for line in lines if line.new is not None)
    assert [hunk.old for hunk in applied.diff.hunks] == [hunk.old for hunk in diff.hunks]
