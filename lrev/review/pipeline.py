"""Series -> Review, one patch after the other, each on top of the ones before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from lrev.evidence.knowledge import Knowledge
from lrev.indexing.reader import Index
from lrev.retrieve.candidate import Candidate
from lrev.retrieve.lookup import Lookup, Sources, own_thread
from lrev.review import coverage as covered
from lrev.review.ask import Answered, Asker, tokens_of, verdicts_of
from lrev.review.checking import CheckedFunction, check, matched
from lrev.review.images import FileImages, patched, read_images
from lrev.review.plan import FunctionPlan, Limits, Planner
from lrev.review.programs import ask_programs
from lrev.review.prompts import Prompts
from lrev.review.questions import unasked
from lrev.review.remarks import Laid, Outside, remarks
from lrev.review.scales import Scales
from lrev.review.verify import Verifier, finding_of
from lrev.rules.rule import Rule
from lrev.source.placed import overlaid_files
from lrev.source.tree import Tree
from lrev.types import (
    Base,
    ChangedFunction,
    Coverage,
    Embedder,
    Generator,
    Passage,
    Patch,
    Provenance,
    ReadState,
    Review,
    Series,
    Verdict,
)

NO_MODEL = "no model took part"


@dataclass(frozen=True, slots=True)
class Resources:
    """What a review is made with. Without `generator` code alone speaks; `provenance` names all of it.

    `tree` is what the index was made of, or was laid over; `scales` say how the model answers the rules' own examples,
    `stale` why a rule (by id) is not used on this tree.
    """

    index: Index
    tree: Tree
    embedder: Embedder
    knowledge: Knowledge
    rules: tuple[Rule, ...]
    prompts: Prompts
    limits: Limits
    provenance: Provenance
    stale: Mapping[str, str]
    generator: Generator | None = None
    scales: Scales | None = None
    before: int | None = None
    outside: Outside = field(default_factory=Outside)

    def barred(self, rule: Rule) -> str:
        """Why a rule is not put to the model, or ""."""
        return self.stale.get(rule.id, "") or (self.scales.barred(rule) if self.scales is not None else NO_MODEL)


@dataclass(frozen=True, slots=True)
class Examined:
    """A patch and what code says of it. `programs` is what others' checkers read of it."""

    laid: Laid
    images: tuple[FileImages, ...]
    checked: tuple[CheckedFunction, ...]
    verdicts: tuple[Verdict, ...]
    programs: tuple[Coverage, ...]

    @property
    def patch(self) -> Patch:
        return self.laid.patch


@dataclass(frozen=True, slots=True)
class Planned:
    """`tokens` are those of the prompts, each counted whole: what they share is read once."""

    plans: tuple[FunctionPlan, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    tokens: int = 0


def review_series(
    series: Series, base: Base, tree: Tree, resources: Resources, progress: Callable[[str], None] = lambda _: None
) -> Iterator[Review]:
    """`tree` is the base the series was found to apply to."""
    for laid, images in lay_series(series, base, tree):
        progress(laid.patch.subject)
        yield review_patch(laid, images, resources)


def lay_series(series: Series, base: Base, tree: Tree) -> Iterator[tuple[Laid, tuple[FileImages, ...]]]:
    """Patch n on top of patches 1..n-1, with its lines numbered where they then apply."""
    for patch in series.patches:
        images = read_images(patch, tree)
        tree = patched(tree, images)
        numbered = replace(patch, files=tuple(image.diff for image in images))
        beside = tuple(one for one in series.patches if one is not patch)
        yield Laid(numbered, _base(base, patch, images), tree, beside), images


def review_patch(laid: Laid, images: tuple[FileImages, ...], resources: Resources) -> Review:
    """Code first, then the questions that code could not answer, then what was not read."""
    examined = examine(laid, images, resources)
    planned = plan(examined, resources)
    answered: tuple[Answered, ...] = ()
    if resources.generator is not None and resources.scales is not None:
        answered = Asker(resources.generator, resources.scales.of).ask(planned.plans)
    return conclude(examined, planned, answered, resources)


def examine(laid: Laid, images: tuple[FileImages, ...], resources: Resources) -> Examined:
    """All that needs no model."""
    verifier = _verifier(laid.patch, resources)
    checked = check(images, resources.knowledge)
    proven = tuple(verdict for one in checked for verdict in _verdicts(one, verifier))
    said = tuple(remarks(laid, resources.index, resources.outside, resources.before))
    theirs, run = ask_programs(laid.patch, laid.tree, resources.outside.programs)
    return Examined(laid, images, checked, (*said, *theirs, *proven), run)


def conclude(examined: Examined, planned: Planned, answered: Sequence[Answered], resources: Resources) -> Review:
    verdicts = (*examined.verdicts, *verdicts_of(answered, _verifier(examined.patch, resources)))
    return Review(
        patch=examined.patch,
        base=examined.laid.base,
        verdicts=tuple(dict.fromkeys(verdicts)),
        coverage=(*_read_by_code(examined.images, examined.checked), *planned.coverage, *examined.programs),
        passages=_passages(planned.plans),
        provenance=resources.provenance,
        tokens=tokens_of(answered),
    )


def _verifier(patch: Patch, resources: Resources) -> Verifier:
    return Verifier({diff.path: diff for diff in patch.files}, resources.index.exists)


def _base(base: Base, patch: Patch, images: Sequence[FileImages]) -> Base:
    """What this patch of the series meets: the first file and hunk that does not fit what those before it leave."""
    problem = next((image.problem for image in images if not image.applies), "")
    if problem and patch.part > 1:
        problem = f"on top of the patches before it, {problem}"
    return replace(base, applies=not problem, problem=problem)


def _verdicts(one: CheckedFunction, verifier: Verifier) -> Iterator[Verdict]:
    for suspicion in one.checked.suspicions:
        yield verifier.verdict(finding_of(suspicion, one.image.diff), one.function, suspicion.pre_existing)


def plan(examined: Examined, resources: Resources) -> Planned:
    """What the model will be asked, with which context; without a model, why nothing is."""
    patch = examined.patch
    triggered = [(one.image, one.function, found) for one, found in matched(examined.checked, resources.rules)]
    if resources.generator is None:
        left = (line for _, function, found in triggered for line in unasked(function, found, NO_MODEL))
        return Planned(coverage=tuple(left))
    planner = Planner(resources.generator, resources.prompts, resources.limits, resources.barred)
    asked = frozenset(match.call for _, _, found in triggered for match in found)

    @cache  # of most patches nothing is asked, and so nothing looked up
    def lookup() -> Lookup:
        sources = Sources(resources.index, resources.embedder, resources.tree, resources.before)
        return Lookup(sources, patch, overlaid_files(examined.laid.tree), own_thread(patch, resources.index), asked)

    def look_up(function: ChangedFunction) -> tuple[Candidate, ...]:
        return lookup().of_function(function)

    plans: list[FunctionPlan] = []
    coverage: list[Coverage] = []
    for _, function, found in triggered:
        one, lines = planner.plan(patch, function, found, look_up)
        plans += [one] if one is not None else []
        coverage += lines
    return Planned(tuple(plans), tuple(coverage), planner.spent_tokens)


def _read_by_code(images: Sequence[FileImages], checked: Sequence[CheckedFunction]) -> Iterator[Coverage]:
    if not images:
        yield Coverage("patch", "the patch", ReadState.NOT_READ, covered.CODE, "it changes no file")
    for image in images:
        yield from covered.hunks(image)
    yield from (covered.function_by_code(one.function, followed=one.checked.followed) for one in checked)


def _passages(plans: Sequence[FunctionPlan]) -> tuple[Passage, ...]:
    return tuple(dict.fromkeys(passage for plan in plans for passage in plan.context.passages))
