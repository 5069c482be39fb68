"""The tree's checker is a script of a few lines here: what matters is how it is run and what is made of its words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lrev.errors import MachineError, UsageError
from lrev.source.checkpatch import checkpatch
from lrev.source.patch import parse_diff
from lrev.source.patch_text import patch_text
from lrev.source.programs import Said
from lrev.source.tree import DirectoryTree
from lrev.types import Address, Patch

DIFF = """diff --git a/drivers/lamp.c b/drivers/lamp.c
--- a/drivers/lamp.c
+++ b/drivers/lamp.c
@@ -10,2 +10,3 @@ int lamp_on(void)
 \tlamp_light();
+\tlamp_note();
 \treturn 0;
diff --git a/drivers/new.c b/drivers/new.c
new file mode 100644
--- /dev/null
+++ b/drivers/new.c
@@ -0,0 +1,1 @@
+int lamp;
"""
PATCH = Patch("lamp: note", Address("Ada Example", "ada@example.org"), "Dark.", parse_diff(DIFF))

pytestmark = pytest.mark.skipif(shutil.which("perl") is None, reason="the script is perl")


def tree_with(tmp_path: Path, script: str) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "checkpatch.pl").write_text(script)
    return tmp_path


def run(top: Path) -> Said:
    return checkpatch(top, PATCH, DirectoryTree(top))


def test_what_it_says_of_files_of_the_patch_is_taken_over(tmp_path: Path) -> None:
    said = r"""print "drivers/lamp.c:11: WARNING:LONG_LINE: too long\n";
print "MAINTAINERS:3: CHECK:OTHER: not of this patch\nnoise\n"; exit 1;"""
    (one,) = run(tree_with(tmp_path, said)).found
    assert (one.check, one.path, one.line, one.message) == ("checkpatch", "drivers/lamp.c", 11, "too long")
    assert one.mechanism == "warning: long line"


def test_it_gets_the_patch_and_an_empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERL5OPT", "-Mnothing_of_the_kind")
    log = tmp_path / "log"
    home = 'glob("$ENV{HOME}/*"), scalar(keys %ENV), @ARGV'
    script = f"""open(my $out, '>', '{log}'); print $out join("\\n", {home}), "\\n", <STDIN>;"""
    assert run(tree_with(tmp_path, script)).found == ()
    written = log.read_text()
    assert written.startswith("4\n")  # of the environment: PATH, HOME, TMPDIR, LC_ALL
    assert f"--root={tmp_path}" in written
    assert parse_diff(written) == PATCH.files


def test_what_cannot_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no 'scripts/checkpatch"):
        run(tmp_path)
    with pytest.raises(MachineError, match="checkpatch failed: no such thing"):
        run(tree_with(tmp_path, 'print STDERR "no such thing\\n"; exit 2;'))


def test_a_patch_is_written_as_git_does() -> None:
    assert parse_diff(patch_text(PATCH)) == PATCH.files
    assert patch_text(PATCH).split("\n")[2] == "Subject: [PATCH] lamp: note"
