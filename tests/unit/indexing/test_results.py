from __future__ import annotations

from pathlib import Path

from lrev.indexing.build import build
from lrev.indexing.reader import open_index
from lrev.indexing.results import results_used
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder
from lrev.source.tree import DirectoryTree

CALLS = """
int lamp_enable(struct lamp *lamp);

int used(struct lamp *lamp)
{
	int err = lamp_enable(lamp);

	if (err ||
		lamp_enable(lamp->other))
		return err;
	err =
		lamp_enable(lamp->third);
	return lamp_enable(lamp->last);
}

void dropped(struct lamp *lamp)
{
	/* whatever it says */
	lamp_enable(lamp);
	if (lamp->other)
		lamp_enable(lamp->other);
	else
		lamp_enable(lamp->third);
}
"""


def test_what_callers_do_with_a_result_is_read_from_their_lines(tmp_path: Path) -> None:
    tree, index = tmp_path / "tree", tmp_path / "index"
    tree.mkdir()
    (tree / "lamp.c").write_text(CALLS)
    build(sources_of([tree], []), index, FakeEmbedder())
    with open_index(index) as opened:
        assert results_used(opened, DirectoryTree(tree), "lamp_enable") == (4, 7)
        assert results_used(opened, DirectoryTree(tree), "lamp_other") == (0, 0)
