"""The sides of bench.engine: lrev's engine, the high-level class of llama-cpp-python, and the machine's own limit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy

from bench.engine_work import Work
from lrev.model.cells import TRUNK, Cells, Row
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
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


def ours(spec: EngineSpec, work: Work) -> Run:
    run = Run()
    with open_generator(spec) as generator:
        generator.engine.cells.decode_seconds = 0.0
        for prompts in work.visits:
            started = time.perf_counter()
            answers = generator.answer(prompts)
            run.seconds += time.perf_counter() - started
            for prompt, answer in zip(prompts, answers, strict=True):
                run.read += answer.tokens_read
                run.reused += answer.tokens_reused
                run.written += answer.tokens_written
                if prompt.question.kind is QuestionKind.CLOSED:
                    first, second = answer.probabilities
                    run.closed[prompt.question.id] = float(numpy.log(first) - numpy.log(second))
                else:
                    run.written_seconds += answer.seconds
        run.decode_seconds = generator.engine.cells.decode_seconds
    return run


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


def speeds(spec: EngineSpec, depth_tokens: int, widths: Sequence[int]) -> Speeds:
    """Measured behind a prefix of `depth_tokens`, without any text: what decoding alone takes."""
    with open_generator(spec) as generator:
        cells = generator.engine.cells
        batches = -(-depth_tokens // spec.batch_tokens) + 1
        reading = [_timed(cells, _prefix(at * spec.batch_tokens, spec.batch_tokens)) for at in range(batches)]
        cells.trim(depth_tokens)
        found = {}
        for width in widths:
            sequences = cells.fork(TRUNK, width)
            steps = [
                _timed(cells, [Row((one,), depth_tokens + step, step, True) for one in sequences])
                for step in range(_WRITTEN_STEPS)
            ]
            found[width] = median(steps) / width
            cells.drop(sequences)
        best = min(found, key=lambda width: found[width])
    return Speeds(tuple(seconds / spec.batch_tokens for seconds in reading), found[best], best)


def _prefix(start: int, tokens: int) -> list[Row]:
    return [Row((TRUNK,), start + at, at % _TOKENS, False) for at in range(tokens)]


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
