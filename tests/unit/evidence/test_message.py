"""The message, Kconfig and MAINTAINERS checks, on patches made for each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lrev.evidence import kconfig, maintained, message
from lrev.source.branch import Presence
from lrev.source.patch import parse_diff
from lrev.source.tree import DirectoryTree
from lrev.types import Address, Message, Patch

ADA = Address("Ada Example", "ada@example.org")
SIGNED = "Signed-off-by: Ada Example <ada@example.org>"
DIFF = """--- a/drivers/lamp/core.c
+++ b/drivers/lamp/core.c
@@ -1,2 +1,3 @@
 int lamp_on(void)
-	return lamp_old();
+	return lamp_new();
+#ifdef CONFIG_LAMP_FAST
"""


def patch(description: str, diff: str = DIFF, author: Address = ADA, mailed: bool = True) -> Patch:
    mail = Message("1@example.org", "lamp: x", author, (), (), None, "", (), description) if mailed else None
    return Patch("lamp: switch on", author, description, parse_diff(diff), mail)


def said(
    description: str, author: Address = ADA, subject: Callable[[str], str] | None = None, mailed: bool = True
) -> list[tuple[int, str]]:
    known = {"lamp_room", "lamp_dim"}
    found = message.check(patch(description, author=author, mailed=mailed), message.Ground(known.__contains__, subject))
    return [(one.line, one.message) for one in found]


def test_a_whole_message_gets_no_remark() -> None:
    tag = 'Fixes: 0123456789ab ("lamp: switch off")'
    assert said(f"lamp_room() is dark.\n\n{tag}\nCc: stable@example.org # 6.1+\n{SIGNED}") == []


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ('Fixes: 01234567 ("lamp: switch off")', "has 8 digits"),
        ("Fixes: 0123456789ab", 'as ("subject")'),
        ('Fixes: 0123456789ab "lamp: switch off"', 'as ("subject")'),
        ("Fixes: the lamp", "begins with the commit's id"),
    ],
)
def test_a_fixes_tag_in_another_form_is_named(tag: str, words: str) -> None:
    ((line, text),) = said(f"The lamp is dark.\n\n{tag}\n{SIGNED}")
    assert line == 3
    assert words in text


def test_a_tag_of_a_bug_tracker_is_another_thing() -> None:
    assert said(f"Dark.\n\nFixes: https://example.org/bug/1\n{SIGNED}") == []


def test_a_tag_apart_from_the_trailers_is_named() -> None:
    ((line, text),) = said(f'Dark.\n\nFixes: 0123456789ab ("lamp: off")\n\n{SIGNED}')
    assert (line, "apart" in text) == (3, True)


def test_the_subject_is_held_against_the_repository() -> None:
    tag = f'Dark.\n\nFixes: 0123456789ab ("lamp: switch off")\n{SIGNED}'
    assert said(tag, subject=lambda _: "lamp: Switch  off") == []
    assert said(tag, subject=lambda _: "") == []  # a commit that is not here
    ((_, text),) = said(tag, subject=lambda _: "torch: switch off")
    assert 'another subject: "torch: switch off"' in text


@pytest.mark.parametrize(
    ("presence", "lacks"),
    [(Presence.HAS, False), (Presence.BACKPORTED, False), (Presence.UNKNOWN, False), (Presence.LACKS, True)],
)
def test_a_fixed_commit_must_be_in_the_history(presence: Presence, lacks: bool) -> None:
    asked: list[tuple[str, str]] = []

    def ask(commit: str, subject: str) -> Presence:
        asked.append((commit, subject))
        return presence

    text = f'Dark.\n\nFixes: 0123456789AB ("lamp: switch off")\n{SIGNED}'
    found = list(message.check(patch(text), message.Ground(lambda _: True, lambda _: "", ask)))
    assert asked == [("0123456789ab", "lamp: switch off")]
    assert [one.line for one in found] == ([3] if lacks else [])
    assert not lacks or "not in the history that this patch is for" in found[0].message


def test_who_wrote_it_must_have_signed_it() -> None:
    assert [line for line, _ in said("Dark.\n\nMore.")] == [3]
    other = Address("Bob Sample", "bob@example.org")
    ((line, text),) = said(f"Dark.\n\n{SIGNED}", author=other)
    assert (line, "Bob Sample <bob@example.org>" in text) == (3, True)
    assert said(f"Dark.\n\n{SIGNED}", author=Address("A. Example", "ada@home.example.org")) == []
    assert said("Dark.", mailed=False) == []


def test_a_function_that_is_nowhere_is_named_once() -> None:
    text = f"lamp_gone() and lamp_gone(), lamp_new(), lamp_old(), lamp_dim(), f().\n  lamp_trace()+0x1\n\n{SIGNED}"
    ((line, remark),) = said(text)
    assert (line, remark) == (1, "lamp_gone() is neither in the tree nor in this patch.")


def test_a_cited_commit_may_name_what_is_gone() -> None:
    cited = 'Commit 0123456789ab\n("lamp_gone(): dim it") was right, 0123456789ab ("lamp: drop lamp_lost()") too.'
    assert not said(f"{cited}\n\n{SIGNED}")
    ((line, remark),) = said(f"{cited}\nNot so lamp_missing().\n\n{SIGNED}")
    assert (line, remark) == (3, "lamp_missing() is neither in the tree nor in this patch.")


KCONFIG = """--- a/drivers/lamp/Kconfig
+++ b/drivers/lamp/Kconfig
@@ -1,1 +1,5 @@
+config LAMP_FAST
+	bool "Fast, on CONFIG like ACPI"
+	depends on HAS_LAMP && !TORCH # COMMENTED
+	select LAMP_CORE if ROOM = "NONE"
 endif
"""


def test_symbols_that_nothing_defines_are_named_at_their_line() -> None:
    defined = {"CONFIG_HAS_LAMP", "CONFIG_LAMP_CORE", "CONFIG_ROOM"}
    found = kconfig.check(patch("Dark.", KCONFIG + DIFF), defined.__contains__)
    assert [(one.path, one.line, one.subject) for one in found] == [("drivers/lamp/Kconfig", 3, "CONFIG_TORCH")]
    ((line, name),) = [(one.line, one.subject) for one in kconfig.check(patch("Dark."), defined.__contains__)]
    assert (line, name) == (3, "CONFIG_LAMP_FAST")


NEW_FILE = """--- /dev/null
+++ b/drivers/lamp/{}
@@ -0,0 +1 @@
+int lamp;
"""


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("F:\tdrivers/lamp/", True),
        ("F:\tdrivers/lamp", True),
        ("F:\tdrivers/lamp/*", True),
        ("F:\tdrivers/*", False),
        ("F:\tdrivers/*/", True),
        ("N:\tlamp", True),
        ("F:\tdrivers/lamp/\nX:\tdrivers/lamp/new.c", False),
        ("F:\tdrivers/torch/", False),
        ("F:\t*\nF:\t*/", False),
    ],
)
def test_a_new_file_needs_a_section(pattern: str, covered: bool, tmp_path: Path) -> None:
    (tmp_path / "MAINTAINERS").write_text(f"Head\n\nLAMP\nM:\tAda Example <ada@example.org>\n{pattern}\n")
    found = list(maintained.check(patch("Dark.", NEW_FILE.format("new.c")), DirectoryTree(tmp_path)))
    assert [one.subject for one in found] == ([] if covered else ["drivers/lamp/new.c"])


def test_without_maintainers_nothing_is_said(tmp_path: Path) -> None:
    assert list(maintained.check(patch("Dark.", NEW_FILE.format("new.c")), DirectoryTree(tmp_path))) == []
