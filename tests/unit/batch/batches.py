"""A queue over the examples, and models that answer, die and hang as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lrev.batch.deadline import Deadline
from lrev.batch.desk import Desk
from lrev.batch.events import Event
from lrev.batch.lanes import Counting, LaneModel, Lanes
from lrev.batch.queue import Queue
from lrev.batch.runner import Runner
from lrev.batch.terms import Outcome, Terms
from lrev.errors import MachineError
from lrev.evidence.knowledge import IndexKnowledge
from lrev.indexing.reader import Index
from lrev.model.fake import FakeEmbedder, FakeGenerator
from lrev.paths import prompts_directory
from lrev.review.calibrate import Calibration
from lrev.review.pipeline import Resources
from lrev.review.plan import Limits
from lrev.review.prompts import Prompts
from lrev.review.scales import Scales
from lrev.rules.load import load_rules
from lrev.source.tree import DirectoryTree
from lrev.types import Answer, Prompt, Provenance, Question, QuestionKind

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
TREE = EXAMPLES / "tree"
SERIES = EXAMPLES / "series" / "pebble-lantern-series.mbox"
CLEAN = EXAMPLES / "series" / "clean.patch"
LIMITS = Limits(prompt_tokens=2400, review_tokens=24000)
NOON = 1_700_000_000.0


class Model:
    """A lane's model. `dies` is asked before each answer and names what is wrong, or ""."""

    def __init__(self, dies: Callable[[Sequence[Prompt]], str] = lambda _: "") -> None:
        self._generator = FakeGenerator(_apart, sha256="a" * 64)
        self._dies = dies
        self.calls: list[str] = []
        self.asked: list[Question] = []

    name = "fake"
    sha256 = "a" * 64
    context_tokens = 4096

    def count(self, text: str) -> int:
        return self._generator.count(text)

    def overhead(self, prompt: Prompt) -> int:
        return self._generator.overhead(prompt)

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        if why := self._dies(prompts):
            raise MachineError(f"the model process {why}")
        self.calls.append("answer")
        self.asked += [prompt.question for prompt in prompts]
        return self._generator.answer(prompts)

    def forget(self) -> None:
        self.calls.append("forget")

    def kill(self) -> None:
        self.calls.append("kill")

    def restart(self) -> None:
        self.calls.append("restart")


def _apart(prompt: Prompt) -> str | tuple[float, ...]:
    """As likely as the length of the function has it, in both orders alike."""
    if prompt.question.kind is not QuestionKind.CLOSED:
        return ""
    weight = len(prompt.segments[-1]) % 97 / 200
    first = 0.25 + weight
    return (first, 1 - first) if prompt.question.id.endswith("defect-first") else (1 - first, first)


def resources(
    index: Index,
    cache: Path,
    model: LaneModel | None,
    prompts: Path | None = None,
    *,
    calibrated: bool = True,
    limits: Limits = LIMITS,
) -> Resources:
    """With a model, it is known to tell the examples of all rules apart, unless it is to be asked."""
    folder = Prompts(prompts or prompts_directory())
    tree = DirectoryTree(TREE)
    counting = Counting(model) if model is not None else None
    rules = load_rules(folder.directory / "rules")
    scales = Scales(counting, folder, cache) if counting else None
    if scales is not None and calibrated:
        scales._known = {rule.id: Calibration(-1.0, 1.0) for rule in rules}
    return Resources(
        index=index,
        tree=tree,
        embedder=FakeEmbedder(),
        knowledge=IndexKnowledge(index, tree),
        rules=rules,
        prompts=folder,
        limits=limits,
        provenance=Provenance("test", "fake" if model else "", "a" * 64, "1", "fake", folder.sha256(), 0, 2400),
        stale={},
        generator=counting,
        scales=scales,
    )


def run(
    queue: Queue,
    made_with: Resources,
    models: Sequence[LaneModel] = (),
    terms: Terms | None = None,
    tell: Callable[[Event], None] = lambda _: None,
) -> Outcome:
    lanes = Lanes(models) if models else None
    try:
        kept = terms or Terms(Deadline(None, lambda: NOON))
        return Runner(queue, Desk(queue, made_with, None), lanes, kept, tell).run()
    finally:
        if lanes is not None:
            lanes.close()


def files_of(directory: Path) -> dict[str, bytes]:
    """The reviews and replies below a queue."""
    found = (path for folder in ("reviews", "replies") for path in (directory / folder).glob("*"))
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in sorted(found)}
