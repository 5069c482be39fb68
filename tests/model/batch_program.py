"""A run of a batch in a process that a test may kill: `python -m tests.model.batch_program FOLDER MODEL`.

FOLDER has `index` and `queue`. What happens is told on standard output, a line each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lrev.batch import files
from lrev.batch.events import Event
from lrev.batch.queue import open_queue
from lrev.indexing.reader import open_index
from lrev.model.generator import EngineSpec
from lrev.model.worker import open_worker
from lrev.review.plan import Limits
from tests.unit.batch.batches import resources, run

CONTEXT_TOKENS = 1024
PROMPT_TOKENS = 540  # the function and its questions, and little beside


def main(folder: Path, model: Path) -> None:
    spec = EngineSpec(
        "smollm2-135m", "0" * 64, model, CONTEXT_TOKENS, "chatml", threads=1, prefixes=folder / "prefixes"
    )
    with (
        files.run_lock(folder / "queue"),
        open_queue(folder / "queue") as queue,
        open_worker(spec) as worker,
        open_index(folder / "index") as index,
    ):
        made_with = resources(index, folder / "cache", worker, limits=Limits(PROMPT_TOKENS, CONTEXT_TOKENS))
        _say("ready")
        outcome = run(queue, made_with, [worker], tell=_tell)
        _say(f"ended {outcome.failed} {outcome.unreached}")


def _tell(event: Event) -> None:
    _say(f"{event.kind.value} {event.job}")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), line.encode() + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
