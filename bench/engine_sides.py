"""The sides of bench.engine: lrev's engine, the high-level class of llama-cpp-python, and the machine's own limit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

import numpy

from lrev.model.cells import TRUNK, Cells, Row
from lrev.model.generator import EngineSpec, LocalGenerator
from lrev.model.leaves import Leaf
from lrev.model.stems import Stems
from lrev.types import Prompt, QuestionKind

_TOKENS = 200  # any that every vocabulary has: what a token costs does not depend on which it is
_WRITTEN_STEPS = 16


@dataclass(slots=True)
class Run:
    """Of one side: seconds in all, on written answers, and in llama_decode; log-odds of each closed question."""

    seconds: float = 0.0
    written_seconds: float = 0.0
    decode_seconds: float = 0.0
    read: int = 0
    reused: int = 0
    written: int = 0
    closed: dict[str, float] = field(default_factory=dict)


def ours(generator: LocalGenerator, prompts: Sequence[Prompt], run: Run) -> None:
    """One visit, added to `run`."""
    cells = generator.engine.cells
    started, decoded = time.perf_counter(), cells.decode_seconds
    answers = generator.answer(prompts)
    run.seconds += time.perf_counter() - started
    run.decode_seconds += cells.decode_seconds - decoded
    for prompt, answer in zip(prompts, answers, strict=True):
        run.read += answer.tokens_read
        run.reused += answer.tokens_reused
        run.written += answer.tokens_written
        if prompt.question.kind is QuestionKind.CLOSED:
            first, second = answer.probabilities
            run.closed[prompt.question.id] = float(numpy.log(first) - numpy.log(second))
        else:
            run.written_seconds += answer.seconds


class HighLevel:
    """llama_cpp.Llama, one call a question; `fresh` forgets all before each of them."""

    def __init__(self, spec: EngineSpec, threads: int) -> None:
        from llama_cpp import Llama

        self._llama = Llama(
            str(spec.path),
            n_ctx=spec.context_tokens,
            n_batch=spec.batch_tokens,
            n_threads=threads,
            n_threads_batch=threads,
            verbose=False,
        )

    def close(self) -> None:
        self._llama.close()

    def answer(self, prompts: Sequence[Prompt], leaves: Sequence[Leaf], run: Run, *, fresh: bool = False) -> None:
        for prompt, leaf in zip(prompts, leaves, strict=True):
            started = time.perf_counter()
            if fresh:
                self._llama.reset()
            tokens = [token for group in leaf.prefix for token in group] + list(leaf.tail)
            if leaf.choices:
                run.closed[prompt.question.id] = self._log_odds(tokens, leaf)
                run.seconds += time.perf_counter() - started
                continue
            run.written += self._write(tokens, leaf)
            spent = time.perf_counter() - started
            run.seconds += spent
            run.written_seconds += spent

    def _log_odds(self, tokens: list[int], leaf: Leaf) -> float:
        from llama_cpp import LogitsProcessorList

        seen: list[float] = []

        def look(_: object, scores: numpy.ndarray) -> numpy.ndarray:
            seen.extend(float(scores[choice[0]]) for choice in leaf.choices)
            return scores

        next(iter(self._llama.generate(tokens, temp=0.0, logits_processor=LogitsProcessorList([look]))))
        return seen[0] - seen[1]

    def _write(self, tokens: list[int], leaf: Leaf) -> int:
        from llama_cpp import LlamaGrammar

        grammar = LlamaGrammar.from_string(leaf.grammar, verbose=False)
        written = 0
        for token in self._llama.generate(tokens, temp=0.0, repeat_penalty=1.0, grammar=grammar):
            if token == self._llama.token_eos():
                break
            written += 1
            if written == leaf.max_tokens:
                break
        return written


def leaves_of(generator: LocalGenerator, prompts: Sequence[Prompt]) -> list[Leaf]:
    return [generator.leaf(prompt) for prompt in prompts]


@dataclass(frozen=True, slots=True)
class Speeds:
    """Seconds a token: `reading` of whole batches, by number from the start; `writing` of the best width."""

    reading: tuple[float, ...]
    writing: float
    width: int


class Pace:
    """What decoding alone takes, without any text, measured a little at a time between the visits of the other sides.

    So what else the machine does slows the limit as it slows them.
    """

    def __init__(self, cells: Cells, depth_tokens: int, longest_tokens: int, widths: Sequence[int]) -> None:
        self._cells = cells
        self._depth_tokens = depth_tokens
        self._widths = widths
        self._reading: list[list[float]] = [[] for _ in range(-(-longest_tokens // cells.batch_tokens))]
        self._writing: dict[int, list[float]] = {width: [] for width in widths}
        self._next = 0

    def sample(self) -> None:
        """One batch, behind those of the samples before; at the deepest, some steps of writing as well."""
        batch = self._cells.batch_tokens
        if self._next == 0:
            self._cells.clear()
        rows = [Row((TRUNK,), self._next * batch + at, at % _TOKENS, False) for at in range(batch)]
        self._reading[self._next].append(_timed(self._cells, rows) / batch)
        self._next = (self._next + 1) % len(self._reading)
        if self._next == 0:
            self._cells.trim(self._depth_tokens)
            for width in self._widths:
                self._writing[width].append(self._written(width))

    def _written(self, width: int) -> float:
        sequences = self._cells.fork(TRUNK, width)
        steps = [
            _timed(self._cells, [Row((one,), self._depth_tokens + step, step, True) for one in sequences])
            for step in range(_WRITTEN_STEPS)
        ]
        self._cells.drop(sequences)
        return mean(steps) / width

    def speeds(self) -> Speeds:
        """Means of the samples, as the other sides' times are sums."""
        while not all(self._reading) or not all(self._writing.values()):
            self.sample()
        found = {width: mean(samples) for width, samples in self._writing.items()}
        best = min(found, key=lambda width: found[width])
        return Speeds(tuple(map(mean, self._reading)), found[best], best)


def _timed(cells: Cells, rows: Sequence[Row]) -> float:
    started = time.perf_counter()
    cells.decode(rows)
    return time.perf_counter() - started


def limit(found: Speeds, leaves: Sequence[Sequence[Leaf]], written: int, batch_tokens: int) -> float:
    """Seconds for each token that must be read once, at the speed of its depth, and for the written ones."""
    seconds = found.writing * written
    known: set[tuple[tuple[int, ...], ...]] = set()
    for visit in leaves:
        position = 0
        for number, group in enumerate(visit[0].prefix, 1):
            if visit[0].prefix[:number] not in known:
                seconds += _reading(found, position, position + len(group), batch_tokens)
                known.add(visit[0].prefix[:number])
            position += len(group)
        stems = Stems()
        for place, leaf in enumerate(visit):
            seconds += _reading(found, position, position + 1, batch_tokens) * stems.add(place, leaf.tail)
    return seconds


def _reading(found: Speeds, start: int, stop: int, batch_tokens: int) -> float:
    return sum(found.reading[min(at // batch_tokens, len(found.reading) - 1)] for at in range(start, stop))


def shortened(prompts: Sequence[Prompt], closed: int, written: int) -> list[Prompt]:
    """The first of each kind."""
    kinds = {True: closed, False: written}
    kept = []
    for prompt in prompts:
        kind = prompt.question.kind is QuestionKind.CLOSED
        if kinds[kind]:
            kinds[kind] -= 1
            kept.append(prompt)
    return kept


def with_room(spec: EngineSpec, tokens: int) -> EngineSpec:
    return replace(spec, context_tokens=tokens)


def spec_of(path: Path, threads: int, batch_tokens: int, prompt_format: str) -> EngineSpec:
    return EngineSpec(path.stem, "0" * 64, path, 0, prompt_format, threads=threads, batch_tokens=batch_tokens)
