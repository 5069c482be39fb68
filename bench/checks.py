"""How long the checks take for a patch of some 300 lines on a whole index, with nothing remembered from the one before.

python -m bench.checks --cases DIR --index DIR [--least 200] [--most 450]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from bench.measuring import percentile, table, timed
from lrev.errors import InputError
from lrev.evaluate.cases import Change, history, load_cases
from lrev.evidence.checks import inspect
from lrev.evidence.knowledge import IndexKnowledge
from lrev.evidence.overlaid import OverlaidKnowledge
from lrev.indexing.reader import Index, open_index
from lrev.indexing.reviewed import reviewed
from lrev.source.tree import Tree

_BAR_SECONDS = 1.0


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    times: list[float] = []
    functions: list[int] = []
    with open_index(chosen.index) as index:
        tree = reviewed(index, None).tree
        for case in load_cases(chosen.cases):
            try:
                change, _ = history(case, tree)
            except InputError:
                continue
            if chosen.least <= _lines(change) <= chosen.most:
                count, milliseconds = timed(partial(_check, change, index, tree))
                times.append(milliseconds / 1000)
                functions.append(count)
    found = median(times)
    rows = [
        ("patches", f"{len(times)}"),
        ("functions a patch, median", f"{median(functions):g}"),
        ("seconds, median", f"{found:.3f}"),
        ("seconds, p90", f"{percentile(times, 0.9):.3f}"),
        ("seconds, longest", f"{max(times):.3f}"),
    ]
    print(table(("figure", "found"), rows))
    met = found <= _BAR_SECONDS
    print(f"\nchecks of a patch, seconds: {found:.3f} (bar {_BAR_SECONDS:g}) {'ok' if met else 'missed'}")
    return 0 if met else 1


def _lines(change: Change) -> int:
    return sum(len(hunk.lines) for diff in change.diffs for hunk in diff.hunks)


def _check(change: Change, index: Index, tree: Tree) -> int:
    knowledge = OverlaidKnowledge(IndexKnowledge(index, tree), change.after, change.before)
    count = 0
    for function in change.functions():
        after = change.after.get(function.path)
        if after is not None:
            inspect(function, change.before.get(function.path), after, knowledge)
            count += 1
    return count


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="time the checks on patches of a size")
    parser.add_argument("--cases", type=Path, required=True, help="a directory with cases.jsonl (docs/eval.md)")
    parser.add_argument("--index", type=Path, required=True, help="an index of the tree that the cases fit")
    parser.add_argument("--least", type=int, default=200, help="lines of a patch's hunks")
    parser.add_argument("--most", type=int, default=450)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
