from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrev.errors import InputError
from lrev.paths import below, home


@given(st.lists(st.sampled_from(["..", ".", "mm", "a.c", "", "link", "~"]), max_size=6).map("/".join))
def test_no_name_leads_outside(name: str) -> None:
    root = Path(__file__).resolve().parent
    try:
        found = below(root, name)
    except InputError:
        return
    assert found == root or root in found.parents


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "mm/../../x", "a\0b"])
def test_a_name_that_does_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="leads outside"):
        below(tmp_path, name)


def test_a_symlink_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    (root / "in").symlink_to(root)
    assert below(root, "in/x") == root / "x"
    with pytest.raises(InputError, match="leads outside"):
        below(root, "out/secret")


def test_lrev_home_is_its_owners_alone() -> None:
    home().chmod(0o755)
    assert stat.S_IMODE(home().stat().st_mode) == 0o700
