from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrev.errors import InputError, LrevError
from lrev.source.mail import parse
from lrev.source.patch import bare_subject, numbering, parse_diff, parse_patch
from lrev.types import FileDiff, FileStatus, Span

REFUSED = {"counts-too-high", "path-outside", "path-absolute"}
FUZZ = Path(__file__).resolve().parents[2] / "data" / "fuzz"


def read(name: str) -> tuple[FileDiff, ...]:
    return parse_diff((FUZZ / f"{name}.patch").read_bytes().decode("utf-8", "surrogateescape"))


def only(name: str) -> FileDiff:
    (diff,) = read(name)
    return diff


@pytest.mark.parametrize("path", sorted(FUZZ.glob("*.patch")), ids=lambda path: path.stem)
def test_an_odd_diff_gives_files_or_an_error_that_says_where(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    if path.stem in REFUSED:
        with pytest.raises(InputError, match="line"):
            parse_diff(text)
    else:
        assert all(diff.path and not diff.path.startswith("/") for diff in parse_diff(text))


def test_an_eaten_blank_is_a_context_line() -> None:
    (hunk,) = only("context-blank-eaten").hunks
    assert [(line.kind.value, line.text) for line in hunk.lines] == [
        (" ", "one"),
        (" ", ""),
        ("-", "two"),
        ("+", "deux"),
    ]
    assert [line.new for line in hunk.lines] == [1, 2, None, 3]


def test_a_signature_is_no_removed_line() -> None:
    (hunk,) = only("signature-below").hunks
    assert [line.text for line in hunk.lines] == ["one", "two", "deux"]


def test_a_missing_newline_is_known_on_both_sides() -> None:
    (hunk,) = only("no-newline").hunks
    assert (hunk.old_newline, hunk.new_newline) == (False, False)


def test_kinds_of_change() -> None:
    assert only("binary").binary and only("git-binary").binary
    assert only("mode-only").status is FileStatus.MODE
    rename = only("pure-rename")
    assert (rename.status, rename.old_path, rename.new_path, rename.hunks) == (FileStatus.RENAMED, "old.c", "new.c", ())
    deletion = only("deletion")
    assert (deletion.status, deletion.path, deletion.new_blob) == (FileStatus.DELETED, "gone.c", "")
    assert deletion.hunks[0].new == Span(1, 0)


def test_names_are_unquoted_and_unprefixed() -> None:
    assert only("quoted-path").path == "café x.c"
    assert only("plain-diff-dates").path == "mm/a.c"
    quilted = parse_diff((FUZZ / "quilt-names.patch").read_text())
    assert [(diff.old_path, diff.new_path) for diff in quilted] == [("mm/slab.c",) * 2, ("mm/new.c",) * 2]


def test_line_ends_of_the_mail_are_not_the_files() -> None:
    assert [line.text for line in only("crlf-mail").hunks[0].lines] == ["one", "un"]
    assert only("latin1-and-form-feed").hunks[0].lines[0].text == "a\x0cb"


def test_a_very_long_diff_is_read_whole() -> None:
    body = "".join(f"+line {number}\n" for number in range(60_000))
    (diff,) = parse_diff(
        f"diff --git a/a.h b/a.h\nnew file mode 100644\n--- /dev/null\n+++ b/a.h\n@@ -0,0 +1,60000 @@\n{body}"
    )
    assert diff.hunks[0].lines[-1].new == 60_000


@given(st.text(alphabet=st.sampled_from('diff-+@ ab/\\\n\r\t0123,"x'), max_size=300))
def test_no_text_makes_a_traceback(text: str) -> None:
    try:
        parse_diff(text)
        parse_diff("diff --git a/a b/a\n--- a/a\n+++ b/a\n" + text)
    except LrevError:
        pass


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("[PATCH] lamp: light it", (1, 1, 1)),
        ("[RFC PATCH net-next v3 02/11] lamp: light it", (2, 11, 3)),
        ("Re: [PATCH v2 0/4] lamps", (0, 4, 2)),
        ("lamp: 3/4 of the light", (1, 1, 1)),
        ("[PATCH V10 1/1] x", (1, 1, 10)),
    ],
)
def test_the_prefix_numbers_a_patch(subject: str, expected: tuple[int, int, int]) -> None:
    assert numbering(subject) == expected


def test_a_bare_subject_has_no_prefix() -> None:
    assert bare_subject("Re: [RFC][PATCH v2 1/2]  lamp: light\tit") == "lamp: light it"


MAIL = b"""From: "Max Maintainer" <max@example.org>
Subject: [PATCH v2 1/2] lamp: light it
Message-Id: <1@example.org>

From: Ann Author <ann@example.org>

It was dark.

Signed-off-by: Ann Author <ann@example.org>
---
v2: brighter

 lamp.c | 2 +-

diff --git a/lamp.c b/lamp.c
index 1111111..2222222 100644
--- a/lamp.c
+++ b/lamp.c
@@ -1 +1 @@
-dark
+light
--\x20
2.39.5
base-commit: 0123456789abcdef0123456789abcdef01234567
"""


def test_a_patch_mail_is_taken_apart() -> None:
    patch = parse_patch(parse(MAIL))
    assert patch is not None
    assert (patch.author.name, patch.subject, patch.version, patch.part) == ("Ann Author", "lamp: light it", 2, 1)
    assert patch.description == "It was dark.\n\nSigned-off-by: Ann Author <ann@example.org>"
    assert patch.base_commit == "0123456789abcdef0123456789abcdef01234567"
    assert [diff.old_blob for diff in patch.files] == ["1111111"]


def test_mail_without_a_diff_is_no_patch_and_a_broken_one_names_the_message() -> None:
    assert parse_patch(parse(MAIL.split(b"diff --git")[0])) is None
    with pytest.raises(InputError, match=r"<1@example\.org>"):
        parse_patch(parse(MAIL.replace(b"@@ -1 +1 @@", b"@@ -1,5 +1,5 @@")))
