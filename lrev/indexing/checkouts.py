"""The files of a directory that is compared with the index: which is which blob, remembered from one time to the next.

Below the root that was indexed, size and time tell what is the same. Another checkout of it has times of its own: the
first comparison reads every file, and what it found is kept in the user's cache, a listing a root.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from lrev.indexing import listing
from lrev.indexing.listing import File, Listing
from lrev.indexing.progress import silent
from lrev.indexing.publish import full_disk_told, modified
from lrev.indexing.tree_names import TreeSource
from lrev.indexing.trees import list_directory
from lrev.paths import cache_directory, private_directory
from lrev.source.tree import DirectoryTree

# A kernel takes 12 MB. Somebody who compares more checkouts than this in turn has them read again.
_KEPT_LISTINGS = 8


def files_of(tree: DirectoryTree, indexed: Iterable[File]) -> list[File]:
    """The files as they are now. `indexed` are those of the same root in the index, () for another root."""
    path = _cached(tree)
    known = {file.path: file for file in indexed}
    known |= {file.path: file for file in _read(path, tree.root)}
    listed = list_directory(TreeSource(str(tree.root), tree.root, tree.within), known, silent)
    if listed.reread:
        _write(path, listed.files)
    return listed.files


def _cached(tree: DirectoryTree) -> Path:
    identity = "\n".join((str(tree.root), *tree.within)).encode("utf-8", "surrogateescape")
    return private_directory(cache_directory() / "listings") / f"{hashlib.sha256(identity).hexdigest()[:20]}.sqlite"


def _write(path: Path, files: Iterable[File]) -> None:
    """Under a name of this process, as others may be doing the same; what a killed one leaves is swept in time."""
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with full_disk_told(path.parent):
        listing.write(own, files)
        own.replace(path)
    for old in sorted(path.parent.iterdir(), key=modified)[:-_KEPT_LISTINGS]:
        old.unlink(missing_ok=True)


def _read(path: Path, root: Path) -> Iterable[File]:
    """Nothing when there is none, or none that can be read."""
    if not path.is_file():
        return ()
    try:
        known = Listing(path)
        files = tuple(known.files(str(root)))
        known.close()
    except sqlite3.DatabaseError:
        return ()
    path.touch()
    return files
