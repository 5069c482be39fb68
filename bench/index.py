"""Measures index and search on a real tree, against ctags in the same run and against the bars.

python -m bench.index --tree DIR [--from-tree DIR] [--update-tree DIR] [--mail DIR] [--patches DIR]
                      [--embedder NAME] [--runs 3]
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from bench.measuring import table
from bench.stages import STAGES, Setting


@dataclass(frozen=True, slots=True)
class Bar:
    """`least` for a figure that must reach the bar; the others must stay below it."""

    figure: str
    bar: float
    least: bool = False

    def verdict(self, found: float) -> str:
        met = found >= self.bar if self.least else found <= self.bar
        return f"{self.figure}: {found:.4g} (bar {self.bar:g}) {'ok' if met else 'missed'}"


# A table of tags is the least that any index of a tree costs, which makes it the unit of a build. The update's bar is
# 1.5 times what the bytes of new blobs take of a full build, and 5 seconds.
BARS = (
    Bar("build / ctags", 30),
    Bar("peak memory, GB", 3),
    Bar("size, GB", 2),
    Bar("no change, seconds", 3),
    Bar("update / allowed", 1),
    Bar("two versions / one", 1.2),
    Bar("messages parsed a second", 1500, least=True),
    Bar("100 new messages, seconds", 5),
    Bar("query p50, ms", 20),
    Bar("query p99, ms", 80),
    Bar("cold first query, seconds", 2),
)


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    work = Path(mkdtemp(prefix="lrev-bench-", dir=chosen.work))
    setting = Setting(
        chosen.tree.resolve(),
        chosen.from_tree.resolve() if chosen.from_tree else None,
        chosen.update_tree.resolve() if chosen.update_tree else None,
        chosen.mail.resolve() if chosen.mail else None,
        chosen.patches,
        ("--embedder", chosen.embedder) if chosen.embedder else (),
        chosen.runs,
        work,
        chosen.index or work / "index",
    )
    try:
        return _measure(setting, chosen.only)
    finally:
        shutil.rmtree(work)


def _measure(setting: Setting, stages: Sequence[str]) -> int:
    figures: dict[str, float] = {}
    for name in stages:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures |= STAGES[name](setting, figures)
    print(table(("figure", "found"), [(name, f"{found:.4g}") for name, found in figures.items()]))
    print()
    verdicts = [bar.verdict(figures[bar.figure]) for bar in BARS if bar.figure in figures]
    print("\n".join(verdicts))
    return 1 if any(verdict.endswith("missed") for verdict in verdicts) else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure index and search against ctags and the bars")
    parser.add_argument("--tree", type=Path, required=True, help="a kernel tree, or a part of one")
    parser.add_argument("--from-tree", type=Path, help="an older version that 'update' begins with; default: the tree")
    parser.add_argument(
        "--update-tree", type=Path, help="another version; default: the tree with 1 C file in 50 changed"
    )
    parser.add_argument("--mail", type=Path, help="an archive for the stage 'mail'")
    parser.add_argument("--patches", type=Path, help="patches to take queries from; default: from the index")
    parser.add_argument("--embedder", help="an embedder of models.toml")
    parser.add_argument("--runs", type=int, default=3, help="of each stage; the median counts")
    parser.add_argument("--only", help=f"of {','.join(STAGES)}; default: all")
    parser.add_argument("--index", type=Path, help="an index built before, for stages without 'build' and 'update'")
    parser.add_argument("--work", type=Path, help="a directory with room for two indices; default: for temporary files")
    chosen = parser.parse_args(arguments)
    chosen.only = chosen.only.split(",") if chosen.only else [one for one in STAGES if one != "mail" or chosen.mail]
    if unknown := [one for one in chosen.only if one not in STAGES]:
        parser.error(f"no stage '{unknown[0]}'")
    if "mail" in chosen.only and not chosen.mail:
        parser.error("the stage 'mail' wants --mail")
    if ("build" in chosen.only) == bool(chosen.index):
        parser.error("either the stage 'build' or --index")
    if "update" in chosen.only and "build" not in chosen.only:
        parser.error("the stage 'update' wants 'build', whose time it is compared with")
    if "build" in chosen.only and shutil.which("ctags") is None:
        parser.error("the stage 'build' wants universal-ctags")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
