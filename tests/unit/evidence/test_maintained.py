"""Which section of MAINTAINERS a patch belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.evidence.maintained import subsystem
from lrev.source.tree import DirectoryTree

MAINTAINERS = """
LAMPS
M:	Ann Author <ann@example.org>
F:	drivers/lamp/
X:	drivers/lamp/relay.c

LAMPS WITH A DIMMER
F:	drivers/lamp/dimmer*

NETWORKING
F:	net/
N:	ferry

THE REST
F:	*
F:	*/
"""


@pytest.mark.parametrize(
    ("paths", "title"),
    [
        (["drivers/lamp/lamp.c"], "LAMPS"),
        (["drivers/lamp/dimmer.c"], "LAMPS WITH A DIMMER"),
        (["drivers/lamp/dimmer.c", "drivers/lamp/lamp.c"], "LAMPS"),
        (["drivers/lamp/relay.c"], ""),
        (["net/core.c", "net/ferry.c", "drivers/lamp/lamp.c"], "NETWORKING"),
        (["mm/slab.c"], ""),
        ([], ""),
    ],
)
def test_the_section_that_covers_most_and_names_it_most_closely(tmp_path: Path, paths: list[str], title: str) -> None:
    (tmp_path / "MAINTAINERS").write_text(MAINTAINERS)
    assert subsystem(paths, DirectoryTree(tmp_path)) == title


def test_a_tree_without_the_file(tmp_path: Path) -> None:
    assert subsystem(["mm/slab.c"], DirectoryTree(tmp_path)) == ""
