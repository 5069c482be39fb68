"""A tree, patches to it and what people said of them, written for the tests."""
# ruff: noqa: E101 - a diff has a blank before its tabs

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrev.evaluate.known_names import KnownNames
from lrev.evaluate.mailbox import ArchivedMail, Mailbox, Period
from lrev.evaluate.reviewed_patches import Selection
from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from lrev.source.mail import parse
from lrev.source.tree import DirectoryTree
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import mail, make_tree

EMBEDDER = WordEmbedder()
# Of the dates that `mail` gives.
MARCH = Period(1709251200, 1711929600)
SUBJECT = "[PATCH] lamp: light it"
BODY = """\
Light the lamp without waiting for dusk.
---
diff --git a/drivers/lamp/lamp.c b/drivers/lamp/lamp.c
--- a/drivers/lamp/lamp.c
+++ b/drivers/lamp/lamp.c
@@ -8,5 +8,6 @@ int lamp_light(struct lamp *lamp)
 {
 	if (!lamp)
 		return -EINVAL;
+	lamp->lit = true;
 	lamp_switch(lamp, true);
 	return 0;
"""
# It names what the mail holds (lamp_switch), what no tree has (lamp_nowhere), and what a reviewer had to look up.
REVIEW = """\
> +	lamp->lit = true;

This needs mutex_lock() with lamp_switch or lamp_nowhere; see Documentation/lamp.rst and LAMP_VOLTS in lamp.h.
"""
NAMED = ("Documentation/lamp.rst", "lamp.h", "LAMP_VOLTS")


def by(name: str, data: bytes) -> bytes:
    """The same mail of another person."""
    return data.replace(
        b"From: Ann Author <ann@example.org>", f"From: {name} <{name.replace(' ', '.')}@example.org>".encode()
    )


def review(number: int, of: int, body: str = REVIEW, name: str = "Max") -> bytes:
    return by(name, mail(number, f"Re: {SUBJECT}", body, f"{of}@example.org"))


def archive(*mails: bytes) -> ArchivedMail:
    found = ArchivedMail()
    for data in mails:
        found.add(parse(data))
    return found


@contextmanager
def indexed(directory: Path, *mails: bytes) -> Iterator[tuple[Index, DirectoryTree]]:
    """The lamp tree with these mails."""
    tree = make_tree(directory / "tree")
    box = directory / "box"
    box.write_bytes(b"".join(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n" + data + b"\n" for data in mails))
    build(sources_of([tree], [box] if mails else []), directory / "index", EMBEDDER)
    with open_index(directory / "index") as index:
        yield index, DirectoryTree(tree)


def selection(index: Index, tree: DirectoryTree, mailbox: Mailbox, limit: int = 0) -> Selection:
    return Selection(mailbox, tree, KnownNames(index, index.trees[0].name), MARCH, limit)
