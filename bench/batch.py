"""A batch against the same patches through `lrev review` one by one, and how much of its time the model has.

python -m bench.batch --index DIR --patches DIR [--tree DIR] [--model NAME] [--limit 6] [--config FILE]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from bench.measuring import in_child, table
from lrev.batch.deadline import Deadline
from lrev.batch.desk import Desk
from lrev.batch.gather import gather
from lrev.batch.lanes import Counting, Lanes
from lrev.batch.queue import open_queue
from lrev.batch.runner import Runner
from lrev.batch.terms import Terms
from lrev.errors import InputError
from lrev.model.worker import WorkerGenerator, open_worker
from lrev.settings import Settings, load_settings
from lrev.types import Answer, Prompt
from lrev.wiring.generators import Chosen, engine_spec, generator_named
from lrev.wiring.reviews import open_review

_MODEL_SHARE = 0.9
_ONE_BY_ONE = 1.0
_KILOBYTE = 1 << 10


@dataclass(slots=True)
class Clocked:
    """A worker that adds up how long llama_decode took for its answers, as the engine tells."""

    worker: WorkerGenerator
    name: str
    sha256: str
    context_tokens: int
    decode_seconds: list[float] = field(default_factory=list)

    def count(self, text: str) -> int:
        return self.worker.count(text)

    def overhead(self, prompt: Prompt) -> int:
        return self.worker.overhead(prompt)

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        answers = self.worker.answer(prompts)
        self.decode_seconds += [answer.seconds for answer in answers]
        return answers

    def forget(self) -> None:
        self.worker.forget()

    def kill(self) -> None:
        self.worker.kill()

    def restart(self) -> None:
        self.worker.restart()


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parse(arguments)
    patches = _patches(chosen.patches, chosen.limit)
    settings = load_settings(chosen.config, index=chosen.index)
    # Rules' examples and the system text are read once a machine; neither side is to pay for the other.
    in_child(partial(_batch, patches[:1], settings, chosen), chosen.threads)
    batch = in_child(partial(_batch, patches, settings, chosen), chosen.threads)
    alone = sum(_alone(patch, chosen) for patch in patches)
    assert isinstance(batch.answer, dict)
    share, ratio = batch.answer["decode_seconds"] / batch.wall_seconds, batch.wall_seconds / alone
    rows = [
        ("patches", f"{len(patches)}, of which {batch.answer['asked']} were put to the model"),
        ("batch, seconds", f"{batch.wall_seconds:.1f}"),
        ("of them in llama_decode", f"{batch.answer['decode_seconds']:.1f}"),
        ("lrev review one by one, seconds", f"{alone:.1f}"),
        ("code and context of a patch, seconds, median", f"{batch.answer['prepared_seconds']:.2f}"),
        ("memory of the parent from word to word, MB", batch.answer["resident"]),
    ]
    print(table(("figure", "found"), rows))
    met = share >= _MODEL_SHARE, ratio <= _ONE_BY_ONE
    print(f"\nshare of the time in llama_decode: {share:.3f} (bar {_MODEL_SHARE:g}) {_said(met[0])}")
    print(f"batch / one by one: {ratio:.3f} (bar {_ONE_BY_ONE:g}) {_said(met[1])}")
    return 0 if all(met) else 1


def _said(met: bool) -> str:
    return "ok" if met else "missed"


def _batch(patches: Sequence[Path], settings: Settings, chosen: argparse.Namespace) -> dict[str, object]:
    """From opening the index to the last file; the queue is thrown away."""
    resident: list[float] = []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        queue = stack.enter_context(open_queue(Path(folder)))
        for patch in patches:
            for series in gather(str(patch), None, None):
                queue.add(series)
        entry = generator_named(chosen.model)
        spec = engine_spec(entry, settings)
        worker = stack.enter_context(open_worker(spec))
        clocked = Clocked(worker, spec.name, spec.sha256, worker.context_tokens)
        ready = open_review(stack, settings, model=Chosen(entry, nullcontext(Counting(clocked))), tree=chosen.tree)
        lanes = Lanes([clocked])
        stack.callback(lanes.close)
        terms = Terms(Deadline(None, time.time), settings.subsystem_weights)
        desk = Desk(queue, ready.resources, ready.repository)
        Runner(queue, desk, lanes, terms, lambda _: resident.append(_own_megabytes())).run()
        finished = queue.finished()
    return {
        "decode_seconds": sum(clocked.decode_seconds),
        "asked": sum(one.spent.model_seconds > 0 for one in finished),
        "prepared_seconds": median(one.spent.code_seconds + one.spent.context_seconds for one in finished),
        "resident": " ".join(f"{one:.0f}" for one in resident),
    }


def _alone(patch: Path, chosen: argparse.Namespace) -> float:
    command = [sys.executable, "-m", "lrev", "--quiet", "review", str(patch), "--index", str(chosen.index)]
    command += ["--model", chosen.model] if chosen.model else []
    command += ["--tree", chosen.tree] if chosen.tree else []
    command += ["--config", str(chosen.config)] if chosen.config else []
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def _patches(directory: Path, limit: int) -> list[Path]:
    """The first that can be read."""
    found: list[Path] = []
    for path in sorted(directory.glob("*.patch")):
        try:
            if len(found) < limit and len(gather(str(path), None, None)) == 1:
                found.append(path)
        except InputError:
            continue
    return found


def _own_megabytes() -> float:
    """Of its own, without the files of the index that are mapped; by proc_pid_status(5)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) / _KILOBYTE


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="time a batch on real patches")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--patches", type=Path, required=True, help="a directory of *.patch files")
    parser.add_argument("--tree", help="as in lrev review")
    parser.add_argument("--model", default="", help="a generator of models.toml")
    parser.add_argument("--limit", type=int, default=6, help="patches to take")
    parser.add_argument("--threads", type=int, default=1, help="of numeric libraries in the parent")
    parser.add_argument("--config", type=Path)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
