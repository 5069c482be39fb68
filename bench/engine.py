"""The engine against the machine's own limit and against what llama-cpp-python offers, on the work of a review.

python -m bench.engine --model FILE [--functions 10] [--runs 3] [--tokens 2000] [--tree DIR] [--keep FILE]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from bench.engine_sides import HighLevel, Pace, Run, leaves_of, limit, ours, shortened, spec_of, with_room
from bench.engine_work import CLOSED_QUESTIONS, WRITTEN_QUESTIONS, Work, work
from bench.measuring import table
from lrev.model.generator import EngineSpec, open_generator
from lrev.model.leaves import Leaf
from lrev.model.loading import physical_cores
from lrev.paths import prompts_directory
from lrev.review.prompts import Prompts
from lrev.types import Prompt

# Questions that are asked of a fresh context, a function, and then scaled: one takes as long as reading a function.
_FRESH_CLOSED, _FRESH_WRITTEN, _FRESH_FUNCTIONS = 2, 1, 2
_STEP_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    bar: float
    least: bool

    def met(self, found: float) -> bool:
        return found >= self.bar if self.least else found <= self.bar


_LIMIT = Bar("time / the machine's limit", 1.15, least=False)
_OUTSIDE = Bar("share of time outside llama_decode", 0.05, least=False)
_HIGH_LEVEL = Bar("times faster than the high-level class", 1.4, least=True)
_WRITTEN = Bar("times faster on JSON answers", 1.8, least=True)
_FRESH = Bar("times faster than a fresh prompt a question", 8, least=True)
_AGREEMENT = Bar("agreement with one by one", 0.98, least=True)


@dataclass(frozen=True, slots=True)
class Round:
    """The sides of one run, visit by visit in turns."""

    limit: float
    ours: Run
    high: Run
    fresh: Run
    width: int


_ROUND = TypeAdapter(Round)


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    threads = chosen.threads or physical_cores()
    spec = with_room(spec_of(chosen.model, threads, chosen.batch, chosen.format), _STEP_TOKENS)
    with open_generator(spec) as generator:
        done = work(chosen.functions, chosen.tokens, generator.count, Prompts(prompts_directory()), chosen.tree)
        leaves = [leaves_of(generator, prompts) for prompts in done.visits]
        few = [leaves_of(generator, _few(prompts)) for prompts in done.visits[:_FRESH_FUNCTIONS]]
    longest = max(sum(map(len, leaf.prefix)) + leaf.cells for asked in leaves for leaf in asked)
    spec = with_room(spec, -(-longest // _STEP_TOKENS) * _STEP_TOKENS)
    rounds = kept(chosen.keep)
    while len(rounds) < chosen.runs:
        rounds.append(_round(spec, done, leaves, few, threads))
        keep(chosen.keep, rounds[-1])
        print(f"run {len(rounds)}: {_line(rounds[-1])}", file=sys.stderr)
    return _report(rounds)


def _few(prompts: Sequence[Prompt]) -> list[Prompt]:
    return shortened(prompts, _FRESH_CLOSED, _FRESH_WRITTEN)


def _round(spec: EngineSpec, done: Work, leaves: list[list[Leaf]], few: list[list[Leaf]], threads: int) -> Round:
    mine, high, fresh = Run(), Run(), Run()
    depth = sum(map(len, leaves[0][0].prefix))
    deepest = depth + max(len(leaf.tail) for leaf in leaves[0])
    with open_generator(spec) as generator, open_generator(spec) as bare, closing(HighLevel(spec, threads)) as llama:
        pace = Pace(bare.engine.cells, depth, deepest, range(1, WRITTEN_QUESTIONS + 1))
        for number, (prompts, asked) in enumerate(zip(done.visits, leaves, strict=True)):
            pace.sample()
            ours(generator, prompts, mine)
            llama.answer(prompts, asked, high)
            if number < len(few):
                llama.answer(_few(prompts), few[number], fresh, fresh=True)
        measured = pace.speeds()
    _scale(fresh, len(few), len(done.visits))
    best = limit(measured, leaves, mine.written, spec.batch_tokens)
    return Round(best, mine, high, fresh, measured.width)


def kept(path: Path | None) -> list[Round]:
    """The rounds that an earlier call has finished."""
    if path is None or not path.exists():
        return []
    return [_ROUND.validate_json(line) for line in path.read_text().splitlines()]


def keep(path: Path | None, one: Round) -> None:
    if path is not None:
        with path.open("ab") as file:
            file.write(_ROUND.dump_json(one) + b"\n")


def _scale(fresh: Run, functions: int, visits: int) -> None:
    closed = (fresh.seconds - fresh.written_seconds) * CLOSED_QUESTIONS / _FRESH_CLOSED
    written = fresh.written_seconds * WRITTEN_QUESTIONS / _FRESH_WRITTEN
    fresh.seconds = (closed + written) * visits / functions


def _line(one: Round) -> str:
    return f"limit {one.limit:.1f} s, lrev {one.ours.seconds:.1f} s, high-level {one.high.seconds:.1f} s"


def _report(rounds: Sequence[Round]) -> int:
    last = rounds[-1]
    rows = [
        ("the machine's limit", f"{median(one.limit for one in rounds):.1f}", "", "", ""),
        ("lrev", *_cells([one.ours for one in rounds])),
        ("high-level class", *_cells([one.high for one in rounds])),
        ("fresh prompt, scaled", f"{median(one.fresh.seconds for one in rounds):.1f}", "", "", ""),
    ]
    print(table(("side", "seconds", "on JSON", "tokens read", "tokens written"), rows))
    apart = _apart(last)
    print(f"\nwritten {last.width} at a time at the limit; closed questions that differ, by log-odds: {apart[:8]}")
    found = [
        (_LIMIT, median(one.ours.seconds / one.limit for one in rounds)),
        (_OUTSIDE, median(1 - one.ours.decode_seconds / one.ours.seconds for one in rounds)),
        (_HIGH_LEVEL, median(one.high.seconds / one.ours.seconds for one in rounds)),
        (_WRITTEN, median(one.high.written_seconds / one.ours.written_seconds for one in rounds)),
        (_FRESH, median(one.fresh.seconds / one.ours.seconds for one in rounds)),
        (_AGREEMENT, 1 - len(apart) / len(last.ours.closed)),
    ]
    for bar, figure in found:
        print(f"{bar.name}: {figure:.3f} (bar {bar.bar:g}) {'ok' if bar.met(figure) else 'missed'}")
    return 0 if all(bar.met(figure) for bar, figure in found) else 1


def _cells(runs: Sequence[Run]) -> tuple[str, str, str, str]:
    seconds, written = median(one.seconds for one in runs), median(one.written_seconds for one in runs)
    return f"{seconds:.1f}", f"{written:.1f}", str(runs[-1].read or ""), str(runs[-1].written)


def _apart(one: Round) -> list[tuple[float, float]]:
    """Log-odds of those answered otherwise, together and one by one."""
    pairs = [(one.ours.closed[name], alone) for name, alone in one.high.closed.items()]
    return [(round(mine, 3), round(alone, 3)) for mine, alone in pairs if (mine >= 0) != (alone >= 0)]


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="time the engine on the work of a review")
    parser.add_argument("--model", type=Path, required=True, help="a GGUF file")
    parser.add_argument("--format", default="chatml", help="its prompt format")
    parser.add_argument("--functions", type=int, default=10, help="half of them are asked about twice")
    parser.add_argument("--tokens", type=int, default=2000, help="of a function")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: one a physical core")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--keep", type=Path, help="a file that keeps finished runs; those in it are not run again")
    parser.add_argument("--tree", type=Path, help="a kernel tree to read functions from, else they are made up")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
