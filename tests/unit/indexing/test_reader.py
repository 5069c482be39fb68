from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.errors import IndexMissing
from lrev.indexing.build import build
from lrev.indexing.layout import load, manifest_path, segment_path
from lrev.indexing.overlay import overlay, overlay_files
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import Sources, sources_of
from lrev.source.tree import DirectoryTree, OverlayTree
from lrev.types import ChunkKind, FactKind, SymbolKind
from tests.unit.indexing.embedding import WordEmbedder
from tests.unit.indexing.trees import LAMP_C, make_tree, thread

EMBEDDER = WordEmbedder()
FOURTH_OF_MARCH_11_00 = 1709550000
