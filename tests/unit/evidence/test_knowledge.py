from __future__ import annotations

from pathlib import Path

from lrev.evidence.knowledge import IndexKnowledge
from lrev.indexing.build import build
from lrev.indexing.reader import open_index
from lrev.indexing.sources import sources_of
from lrev.source.tree import DirectoryTree
from lrev.types import FactKind
from tests.unit.indexing.embedding import WordEmbedder

# What is there without the option frees the lamp whatever happens; the function itself only when it fails.
HEADER = """\
#ifdef CONFIG_LAMP
int lamp_light(struct lamp *lamp);
#else
static inline int lamp_light(struct lamp *lamp)
{
	kfree(lamp);
	return -ENOTSUPP;
}
#endif
"""
FILE = """\
int lamp_light(struct lamp *lamp)
{
	int err = lamp_switch(lamp);

	if (err)
		kfree(lamp);
	return err;
}
"""


def test_what_a_header_puts_in_place_of_a_function_does_not_speak_for_it(tmp_path: Path) -> None:
    root = tmp_path / "tree"
    for name, text in {"include/linux/lamp.h": HEADER, "drivers/lamp/lamp.c": FILE}.items():
        path = root / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    build(sources_of([root], []), tmp_path / "index", WordEmbedder())
    with open_index(tmp_path / "index") as index:
        all_facts = [fact for fact in index.facts("lamp_light") if fact.kind is FactKind.FREES_ARGUMENT]
        facts = IndexKnowledge(index, DirectoryTree(root)).facts("lamp_light", "drivers/lamp/other.c")
    assert {bool(fact.condition) for fact in all_facts} == {True, False}
    assert all(fact.condition for fact in facts if fact.kind is FactKind.FREES_ARGUMENT)
