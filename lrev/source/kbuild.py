"""What kbuild passes to a compiler, read from a tree that is configured, without running its Makefiles.

Source: LINUXINCLUDE and CHECKFLAGS of the kernel's Makefile, modname_flags of scripts/Makefile.lib.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

_ARCHITECTURE = re.compile(r"^# Linux/([a-z0-9]+) ", re.MULTILINE)
_CONFIGURED = Path("include/generated/autoconf.h")
_COMMAND = re.compile(r"^(?:saved)?cmd_\S+\.o := (.*)$", re.MULTILINE)
_ALWAYS_INCLUDED = ("include/linux/compiler-version.h", "include/linux/kconfig.h", "include/linux/compiler_types.h")
_TAKEN = ("-D", "-U", "-m32", "-m64", "-mbig-endian", "-mlittle-endian")
_FOLDER, _FILE = "-I", "-include"


def is_configured(root: Path) -> bool:
    return (root / _CONFIGURED).is_file()


def architecture(root: Path) -> str:
    """The folder of arch/ that the tree is configured for; x86 where it is not."""
    found = _ARCHITECTURE.search(_read(root / ".config"))
    return found[1] if found is not None else "x86"


def include_folders(root: Path) -> tuple[str, ...]:
    """Those that are there, from the top of the tree."""
    own = f"arch/{architecture(root)}/include"
    folders = [own, f"{own}/generated", "include", f"{own}/uapi", f"{own}/generated/uapi"]
    folders += ["include/uapi", "include/generated/uapi"]
    return tuple(folder for folder in folders if (root / folder).is_dir())


def flags(root: Path, path: str, laid: Path) -> list[str]:
    """For the C file at `path`: those it was built with, where it was, else what every file gets. Headers in the
    directory `laid`, which has the folders of the tree, go before the tree's own.
    """
    built = _built(root, path)
    if not built:
        built = [*(f"{_FOLDER}{folder}" for folder in include_folders(root)), *_defaults(root, path)]
    own = PurePosixPath(path).parent.as_posix()
    return list(_placed([*built, f"{_FOLDER}{own}"], root, laid))


def _built(root: Path, path: str) -> list[str]:
    place = PurePosixPath(path)
    found = _COMMAND.search(_read(root / place.parent / f".{place.stem}.o.cmd"))
    try:
        return list(_wanted(shlex.split(found[1]))) if found is not None else []
    except ValueError:  # an open quote
        return []


def _wanted(words: Sequence[str]) -> Iterator[str]:
    """Folders, headers and definitions; nothing that names a program or an output."""
    left = iter(words)
    for word in left:
        if word in (_FOLDER, _FILE):
            yield word + next(left, "") if word == _FOLDER else f"{_FILE}={next(left, '')}"
        elif word.startswith(_FOLDER) or word.startswith(_TAKEN):
            yield word


def _defaults(root: Path, path: str) -> Iterator[str]:
    name = re.sub(r"[-,]", "_", PurePosixPath(path).stem)
    yield from (f"{_FILE}={header}" for header in _ALWAYS_INCLUDED if (root / header).is_file())
    yield "-D__KERNEL__"
    yield f'-DKBUILD_MODFILE="{name}"'
    yield f'-DKBUILD_BASENAME="{name}"'
    yield f'-DKBUILD_MODNAME="{name}"'
    yield f"-D__KBUILD_MODNAME=kmod_{name}"


def _placed(words: Sequence[str], root: Path, laid: Path) -> Iterator[str]:
    """Relative places in `laid`, where they are there, and then in the tree."""
    folders = [word.removeprefix(_FOLDER) for word in words if word.startswith(_FOLDER)]
    yield from (f"{_FOLDER}{laid / one}" for one in folders if (laid / one).is_dir())
    yield from (f"{_FOLDER}{root / one}" for one in folders)
    for word in words:
        if word.startswith(f"{_FILE}="):
            header = word.removeprefix(f"{_FILE}=")
            yield from (_FILE, str(laid / header if (laid / header).is_file() else root / header))
        elif not word.startswith(_FOLDER):
            yield word


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""
