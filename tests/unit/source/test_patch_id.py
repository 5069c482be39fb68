from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lrev.source.mail import parse
from lrev.source.patch_id import patch_id

DATA = Path(__file__).parents[2] / "data"
FIRST = """diff --git a/lamp.c b/lamp.c
index 0123456..789abcd 100644
--- a/lamp.c
+++ b/lamp.c
@@ -1,3 +1,3 @@ int lamp(void)
 \tint a;
-\treturn a;
+\treturn a + 1;
 }
"""
SECOND = """diff --git a/room.c b/room.c
new file mode 100644
index 0000000..789abcd
--- /dev/null
+++ b/room.c
@@ -0,0 +1,2 @@
+int room;
+int door;
\\ No newline at end of file
"""
BINARY = """diff --git a/lamp.png b/lamp.png
index 0123456..789abcd 100644
Binary files a/lamp.png and b/lamp.png differ
"""
MODE = "diff --git a/lamp.sh b/lamp.sh\nold mode 100644\nnew mode 100755\n"
MAIL = f"Make it brighter.\n---\n lamp.c | 2 +-\n\n{FIRST}{SECOND}-- \n2.39.5\n"


def by_git(text: str) -> str:
    done = subprocess.run(["git", "patch-id", "--stable"], input=text.encode(), capture_output=True, check=True)
    return (done.stdout.decode().split() or [""])[0]


@pytest.mark.parametrize("text", [MAIL, BINARY + FIRST, FIRST + BINARY, MODE, "no diff\n", "", "diff --git a/a b/a\n"])
def test_as_git_gives_it(text: str) -> None:
    assert patch_id(text) == by_git(text)


@pytest.mark.parametrize("path", sorted((DATA / "mail").glob("*.eml")), ids=lambda path: path.stem)
def test_as_git_gives_it_for_mail(path: Path) -> None:
    body = parse(path.read_bytes()).body
    assert patch_id(body) == by_git(body)


def test_neither_place_nor_white_space_nor_the_order_of_files_counts() -> None:
    moved = MAIL.replace("@@ -1,3 +1,3 @@ int lamp(void)", "@@ -41,3 +57,3 @@").replace("\t", "    ")
    assert patch_id(moved) == patch_id(SECOND + FIRST) == patch_id(MAIL) != ""
    assert patch_id(MAIL.replace("a + 1", "a + 2")) != patch_id(MAIL)
