"""sparse and coccinelle as scripts of a few lines: how they are run, and what is made of their words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lrev.errors import InputError, MachineError, UsageError
from lrev.source import programs
from lrev.source.coccinelle import coccinelle
from lrev.source.kbuild import flags, include_folders
from lrev.source.patch import parse_diff
from lrev.source.programs import Said, laid_out
from lrev.source.sparse import sparse
from lrev.source.tree import DirectoryTree, OverlayTree, laid_over
from lrev.types import Address, Patch, ReadState

PATH = "drivers/lamp/core.c"
DIFF = f"""--- a/{PATH}
+++ b/{PATH}
@@ -1,2 +1,3 @@
 #include "lamp.h"
+int lamp_added;
 int lamp_old;
"""
AFTER = b'#include "lamp.h"\nint lamp_added;\nint lamp_old;\n'
PATCH = Patch("lamp: add", Address("Ada Example", "ada@example.org"), "Dark.", parse_diff(DIFF))
DOCUMENT = Patch("lamp: say", PATCH.author, "Dark.", parse_diff(DIFF.replace(PATH, "Documentation/lamp.rst")))
RULE = "// Options: --no-includes --include-headers --iso-file /etc/passwd\nvirtual report\n"


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A configured tree that brings a semantic patch."""
    root = tmp_path / "tree"
    for path, text in {
        PATH: '#include "lamp.h"\nint lamp_old;\n',
        "drivers/lamp/lamp.h": "int lamp;\n",
        "include/linux/kconfig.h": "",
        "include/generated/autoconf.h": "",
        "arch/lamp/include/asm/lamp.h": "",
        ".config": "# DO NOT EDIT.\n# Linux/lamp 6.1.0 Kernel Configuration\nCONFIG_64BIT=y\n",
        "scripts/coccinelle/misc/lamp.cocci": RULE,
        "scripts/coccinelle/misc/patch_only.cocci": "virtual patch\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


def after(root: Path, files: dict[str, bytes | None] | None = None) -> OverlayTree:
    return OverlayTree(DirectoryTree(root), files if files is not None else {PATH: AFTER})


def told(said: Said) -> list[tuple[str, int, str]]:
    return [(one.path, one.line, one.message) for one in said.found]


def unread(said: Said) -> dict[str, str]:
    return {line.subject: line.why for line in said.coverage if line.state is ReadState.NOT_READ}


def test_sparse_speaks_of_added_lines_alone(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""cat > {tmp_path}/read < {PATH}
printf '%s\\n' "$@" > {tmp_path}/arguments; ls -A $HOME > {tmp_path}/home; pwd > {tmp_path}/place
echo '{PATH}:3:1: warning: of an old line' >&2
echo '{PATH}:2:5: warning: incorrect type' >&2
echo '{PATH}:2:5:    expected int' >&2
echo '{PATH}:2:5:    got  char' >&2
echo "$PWD/{PATH}:2:9: error: of two lives" >&2; exit 1"""
    program(tmp_path, monkeypatch, "sparse", script)
    said = sparse(top, PATCH, after(top))
    assert told(said) == [(PATH, 2, "incorrect type; expected int; got char."), (PATH, 2, "of two lives.")]
    assert [(line.subject, line.by, line.state) for line in said.coverage] == [(PATH, "sparse", ReadState.READ)]
    assert (tmp_path / "read").read_bytes() == AFTER
    assert (tmp_path / "home").read_text() == ""
    assert not Path((tmp_path / "place").read_text().strip()).exists()
    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert {"--arch=lamp", "-m64", "-mlittle-endian", f"-I{top}/drivers/lamp", PATH} <= set(arguments)
    assert (top / PATH).read_text() == '#include "lamp.h"\nint lamp_old;\n'


def test_what_sparse_could_not_read_is_said(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "sparse", f"echo \"{PATH}:1:9: error: unable to open 'lamp.h'\" >&2; exit 1")
    said = sparse(top, PATCH, after(top))
    assert (said.found, unread(said)) == ((), {PATH: f"{PATH}:1: unable to open 'lamp.h'"})
    assert unread(sparse(top, DOCUMENT, after(top))) == {"the patch": "it changes no C file"}
    (top / "include/generated/autoconf.h").unlink()
    with pytest.raises(UsageError, match="is not configured"):
        sparse(top, PATCH, after(top))


def test_coccinelle_runs_each_script_that_reports(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"""printf '%s\\n' "$@" >> {tmp_path}/arguments
echo './{PATH}:2:1-5: WARNING: Unneeded lamp'; echo './{PATH}:2:1-5: WARNING: Unneeded lamp'
echo './{PATH}:3:1-5: WARNING: of an old line'"""
    program(tmp_path, monkeypatch, "spatch", script)
    said = coccinelle(top, PATCH, after(top))
    assert told(said) == [(PATH, 2, "WARNING: Unneeded lamp")]
    assert [(one.check, one.mechanism) for one in said.found] == [("coccinelle", "lamp")]
    assert [line.subject for line in said.coverage] == ["scripts/coccinelle/misc/lamp.cocci"]
    arguments = (tmp_path / "arguments").read_text().split("\n")
    assert {"--no-includes", "--include-headers", f"{top}/include"} <= set(arguments)
    assert not {"--iso-file", "/etc/passwd"} & set(arguments)


def test_a_script_that_fails_or_takes_too_long_is_named(
    top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "spatch", "echo bad >&2; echo 'line 3: no such rule' >&2; exit 2")
    (name,) = unread(said := coccinelle(top, PATCH, after(top)))
    assert (name, said.coverage[0].why) == ("scripts/coccinelle/misc/lamp.cocci", "line 3: no such rule")
    (tmp_path / "bin" / "spatch").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(programs, "LIMIT_SECONDS", 0.2)
    assert "took longer than" in unread(coccinelle(top, PATCH, after(top)))[name]
    assert unread(coccinelle(top, DOCUMENT, after(top))) == {"the patch": "it changes no C file"}


def test_what_is_not_there_is_an_error(top: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MachineError, match="coccinelle needs spatch, which is not installed"):
        coccinelle(top, PATCH, after(top))
    with pytest.raises(MachineError, match="sparse needs sparse, which is not installed"):
        sparse(top, PATCH, after(top))
    shutil.rmtree(top / "scripts")
    with pytest.raises(UsageError, match="has no 'scripts/coccinelle'"):
        coccinelle(top, PATCH, after(top))


def test_what_kbuild_passes_is_taken_from_the_last_build(top: Path, tmp_path: Path) -> None:
    assert include_folders(top) == ("arch/lamp/include", "include")
    laid = tmp_path / "laid"
    (laid / "include/linux").mkdir(parents=True)
    (laid / "include/linux/kconfig.h").write_text("")
    default = flags(top, PATH, laid)
    assert default[:2] == [f"-I{laid}/include", f"-I{top}/arch/lamp/include"]
    assert ["-include", f"{laid}/include/linux/kconfig.h"] == default[4:6]
    assert '-DKBUILD_MODNAME="core"' in default
    command = (
        "gcc -Wp,-MMD,x.d -nostdinc -I./include -I ./drivers/lamp/sub -include ./include/linux/kconfig.h -DMODULE "
    )
    command += "'-DKBUILD_MODNAME=\"lamp\"' -fplugin=evil.so -o drivers/lamp/core.o drivers/lamp/core.c"
    built = top / "drivers/lamp/.core.o.cmd"
    built.write_text(f"savedcmd_drivers/lamp/core.o := {command}\n\nsource_x := y\n")
    own = flags(top, PATH, laid)
    assert own[:4] == [f"-I{laid}/include", f"-I{top}/include", f"-I{top}/drivers/lamp/sub", f"-I{top}/drivers/lamp"]
    assert own[4:] == ["-include", f"{laid}/include/linux/kconfig.h", "-DMODULE", '-DKBUILD_MODNAME="lamp"']
    built.write_text("cmd_drivers/lamp/core.o := gcc 'open\n")
    assert flags(top, PATH, laid) == default


def test_files_are_laid_out_below_a_directory_that_goes_away(tmp_path: Path) -> None:
    with laid_out("lamp", {PATH: AFTER}) as top:
        assert (top / PATH).read_bytes() == AFTER
    assert not top.exists()
    with pytest.raises(InputError, match="leads outside"), laid_out("lamp", {"../evil": b""}):
        pass


def test_the_topmost_of_what_is_laid_over_counts(tmp_path: Path) -> None:
    below = after(tmp_path, {"a": b"1", "b": b"1", "c": None})
    assert laid_over(OverlayTree(below, {"a": b"2", "b": None, "d": b"2"})) == {"a": b"2", "d": b"2"}
    assert laid_over(DirectoryTree(tmp_path)) == {}


@pytest.mark.skipif(shutil.which("sparse") is None, reason="sparse is not installed")
def test_sparse_itself_is_understood(top: Path) -> None:
    bad = AFTER.replace(b"int lamp_added;", b"void *lamp_added = 0;")
    said = sparse(top, PATCH, after(top, {PATH: bad}))
    assert (PATH, 2, "Using plain integer as NULL pointer.") in told(said)
    assert unread(said) == {}
    missing = sparse(top, PATCH, after(top, {PATH: bad.replace(b"lamp.h", b"gone.h")}))
    assert unread(missing) == {PATH: f"{PATH}:1: unable to open 'gone.h'"}


@pytest.mark.skipif(shutil.which("spatch") is None, reason="coccinelle is not installed")
def test_coccinelle_itself_is_understood(top: Path) -> None:
    rule = """virtual report

@r depends on report@
position p;
@@
int lamp_added@p;

@script:python depends on report@
p << r.p;
@@
coccilib.report.print_report(p[0], "WARNING: lamp")
"""
    (top / "scripts/coccinelle/misc/lamp.cocci").write_text(rule)
    said = coccinelle(top, PATCH, after(top))
    assert told(said) == [(PATH, 2, "WARNING: lamp")], said
