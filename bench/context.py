"""How long the context of a patch takes that changes one function, on a whole index, against one search of the same.

python -m bench.context --index DIR --patches DIR [--model NAME] [--limit 100]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from bench.measuring import percentile, table, timed
from lrev.errors import InputError
from lrev.manifest import load_manifest
from lrev.model.tokenizer import Count
from lrev.retrieve.lookup import Lookup, Sources, own_thread
from lrev.retrieve.pack import Pack, pack_patch
from lrev.retrieve.searches import query
from lrev.retrieve.subject import Subject, subjects_of
from lrev.settings import Settings
from lrev.source.placed import laid
from lrev.source.series import read_input
from lrev.source.tree import OverlayTree, Tree
from lrev.types import Patch
from lrev.wiring.contexts import counter, open_laid_over

_BAR_SECONDS = 0.3
_BUDGET_TOKENS = 4000
# Read and packed before anything is timed: the index's first pages come from the disk.
_WARM_UP = 5


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    manifest = load_manifest()
    packs: list[float] = []
    searches: list[float] = []
    with ExitStack() as stack:
        count = stack.enter_context(counter(manifest, chosen.model))
        opened = open_laid_over(stack, Settings(index=chosen.index), manifest, None)
        index, tree = opened.index, opened.base.tree
        sources = Sources(index, opened.embedder, tree)
        for number, patch in enumerate(_of_one_function(chosen.patches, tree)):
            if number == chosen.limit + _WARM_UP:
                break
            text = query(subjects_of(patch, tree), patch.subject)
            _, packing = timed(partial(_pack, patch, sources, count))
            _, searching = timed(partial(index.search, text, sources.embedder))
            if number >= _WARM_UP:
                packs.append(packing / 1000)
                searches.append(searching / 1000)
    found = median(packs)
    rows = [
        ("patches of one function", f"{len(packs)}"),
        ("seconds, median", f"{found:.3f}"),
        ("seconds, p90", f"{percentile(packs, 0.9):.3f}"),
        ("seconds, longest", f"{max(packs):.3f}"),
        ("median / median of one search over all kinds", f"{found / median(searches):.1f}"),
    ]
    print(table(("figure", "found"), rows))
    met = found <= _BAR_SECONDS
    print(f"\ncontext of a patch, seconds: {found:.3f} (bar {_BAR_SECONDS:g}) {'ok' if met else 'missed'}")
    return 0 if met else 1


def _pack(patch: Patch, sources: Sources, count: Count) -> Pack:
    subjects = subjects_of(patch, sources.tree)
    after = laid(patch, OverlayTree(sources.tree, {}))
    lookup = Lookup(sources, patch, after.files, own_thread(patch, sources.index))
    return pack_patch(lookup.candidates(subjects), patch, count, _BUDGET_TOKENS)


def _of_one_function(directory: Path, tree: Tree) -> Iterator[Patch]:
    """Those that apply to the tree, or of which it already has all, and lie in one function."""
    for path in sorted(directory.glob("*.patch")):
        try:
            patches = [patch for series in read_input(str(path), None, None) for patch in series.patches]
        except InputError:
            continue
        for patch in patches:
            functions = [one for subject in subjects_of(patch, tree) for one in _functions(subject)]
            if len(patch.files) == 1 and len(functions) == 1:
                yield patch


def _functions(subject: Subject) -> Sequence[object]:
    return subject.functions if subject.is_c else ()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="time the context of patches that change one function")
    parser.add_argument("--index", type=Path, required=True, help="an index of a whole tree")
    parser.add_argument("--patches", type=Path, required=True, help="a directory of *.patch files")
    parser.add_argument("--model", default="", help="the generator whose tokens are counted")
    parser.add_argument("--limit", type=int, default=100, help="patches to time")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
