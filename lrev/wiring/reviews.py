"""Settings -> all that a review needs: an open index, models, rules and prompts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from lrev import __version__
from lrev.errors import UsageError
from lrev.evidence.knowledge import IndexKnowledge
from lrev.indexing.reader import Index
from lrev.indexing.reviewed import Reviewed
from lrev.indexing.tree_names import tree_source
from lrev.manifest import ModelSpec, load_manifest
from lrev.paths import cache_directory, prompts_directory
from lrev.review.pipeline import Resources
from lrev.review.plan import Limits
from lrev.review.prompts import Prompts
from lrev.review.remarks import Outside
from lrev.review.scales import Scales
from lrev.rules.audit import stale
from lrev.rules.ground import Ground
from lrev.rules.load import load_rules
from lrev.rules.rule import Rule
from lrev.settings import Settings
from lrev.source.branch import Branch
from lrev.source.checkpatch import checkpatch
from lrev.source.coccinelle import coccinelle
from lrev.source.git import Repository
from lrev.source.programs import Said
from lrev.source.sparse import sparse
from lrev.source.tree import DirectoryTree, Tree
from lrev.source.upstream import Upstream
from lrev.types import Embedder, Patch, Provenance
from lrev.wiring.contexts import open_laid_over
from lrev.wiring.generators import Chosen, doubts, qualified

# Checkers that are not ours, by the name they are asked for; each is told where the work tree is.
PROGRAMS: Mapping[str, Callable[[Path, Patch, Tree], Said]] = {
    "checkpatch": checkpatch,
    "coccinelle": coccinelle,
    "sparse": sparse,
}


@dataclass(frozen=True, slots=True)
class Ready:
    """All that a review needs; `repository` is None for a plain directory. `doubts` are about the model."""

    resources: Resources
    tree: Tree
    repository: Repository | None
    doubts: tuple[str, ...] = ()


def open_review(
    stack: ExitStack,
    settings: Settings,
    *,
    model: Chosen | None,
    tree: str | None = None,
    before: int | None = None,
    upstream: str | None = None,
    programs: Sequence[str] = (),
) -> Ready:
    """Opens index and model for the life of `stack`. `model` None means that code alone speaks.

    `upstream`, DIR[@REF], is the history that backports come from; `programs` names the checkers that are to run.
    """
    origin = _upstream(upstream) if upstream is not None else None
    manifest = load_manifest()
    spec = model.spec if model is not None else None
    opened = open_laid_over(stack, settings, manifest, tree)
    index, embedder, base = opened.index, opened.embedder, opened.base
    generator = stack.enter_context(model.generator) if model is not None else None
    rules, prompts = load_rules(prompts_directory() / "rules"), Prompts(prompts_directory())
    scales = Scales(generator, prompts, cache_directory() / "calibration") if generator else None
    resources = Resources(
        index=index,
        tree=base.tree,
        embedder=embedder,
        knowledge=IndexKnowledge(index, base.tree),
        rules=rules,
        prompts=prompts,
        limits=Limits(settings.prompt_tokens, settings.review_tokens),
        provenance=_provenance(index, embedder, spec, prompts, settings),
        scales=scales,
        stale=_stale(rules, Ground(index, base.tree)),
        generator=generator,
        before=before,
        outside=replace(_outside(base, programs), upstream=origin),
    )
    return Ready(resources, base.tree, base.repository, doubts(spec, settings) if spec is not None else ())


def _upstream(given: str) -> Upstream:
    """Raises UsageError for what is no directory, GitError for what is no repository or has no such commit."""
    source = tree_source(given)
    repository = Repository.open(source.root)
    return Upstream(repository, repository.rev_parse(source.ref or "HEAD"))


def _outside(base: Reviewed, programs: Sequence[str]) -> Outside:
    if programs and not isinstance(base.tree, DirectoryTree):
        raise UsageError("these programs run on a work tree only", "name a directory with --tree DIR")
    root = Path(base.tree.name).resolve()
    return Outside(_branch(base), programs=tuple(partial(PROGRAMS[name], root) for name in programs))


def _branch(base: Reviewed) -> Branch | None:
    """None without a repository, and for one that has no commit yet."""
    repository, tip = base.repository, base.tree.commit or "HEAD"
    if repository is None or not repository.exists(tip):
        return None
    return Branch(repository, (repository.rev_parse(tip),))


def _stale(rules: tuple[Rule, ...], ground: Ground) -> dict[str, str]:
    """Rule id -> why it is not used on this tree."""
    return {rule.id: f"stale here: {failed.claim}; {failed.why}" for rule, failed in stale(rules, ground.check)}


def _provenance(
    index: Index, embedder: Embedder, spec: ModelSpec | None, prompts: Prompts, settings: Settings
) -> Provenance:
    measured, _ = qualified(spec, settings) if spec is not None else (None, "")
    return Provenance(
        lrev=__version__,
        model=spec.name if spec else "",
        model_sha256=spec.sha256 if spec else "",
        index=f"generation {index.generation.number}",
        embedder=f"{embedder.name} {embedder.sha256[:12]}",
        prompts_sha256=prompts.sha256(),
        seed=settings.seed,
        budget_tokens=settings.prompt_tokens,
        qualification=measured.line if measured else "",
    )
