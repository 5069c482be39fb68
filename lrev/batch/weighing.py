"""What a review would be worth and what it would be made from, told by code alone before any is begun.

A job's key is all that its review depends on. Of the rules only those that the patch matches are part of it, so that a
rule that is changed makes no other review stale; new mail in the index makes none stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lrev import __version__
from lrev.batch.jobs import Weighed, digest
from lrev.evidence.maintained import subsystem
from lrev.evidence.refute import refute
from lrev.review.checking import CheckedFunction, check, matched
from lrev.review.images import FileImages
from lrev.review.pipeline import Resources
from lrev.review.remarks import Laid
from lrev.rules.rule import Rule, Severity
from lrev.rules.triggers import Match

# What one of each adds. A suspicion of the checks is nearly always a comment that a person must see; of the questions
# of a rule a few in a hundred become one.
_SUSPICION_WORTH = 10.0
_QUESTION_WORTH = {Severity.HIGH: 1.0, Severity.MEDIUM: 0.7, Severity.LOW: 0.4}
# Something is to be said for reading a patch of which nothing is known.
_LEAST_WORTH = 0.1
# A function with its context, and the two orders and the quote of one question; medians of reviews with a 1.5B model.
_FUNCTION_TOKENS = 1500
_QUESTION_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Grounds:
    """What weighing and keys rest on beside the patch: hashes of rules by id, of the tree, and of all the rest."""

    rules: Mapping[str, str]
    tree: str
    rest: str

    @property
    def basis(self) -> str:
        """What a weighing was made from: it is made anew when this changes."""
        return digest(self.tree, sorted(self.rules.items()), __version__)

    def key(self, identity: str, weighed: Weighed) -> str:
        return digest(identity, self.tree, [self.rules.get(name, "") for name in weighed.rules], self.rest)


def grounds_of(resources: Resources) -> Grounds:
    made = resources.provenance
    rules = {rule.id: _rule_hash(rule, resources.stale.get(rule.id, "")) for rule in resources.rules}
    templates = [_file_hash(path) for path in _templates(resources.prompts.directory)]
    limits = (resources.limits.prompt_tokens, resources.limits.review_tokens)
    tree = digest(resources.index.source_identity(), resources.tree.commit)
    return Grounds(rules, tree, digest(templates, made.model, made.model_sha256, limits, made.seed, __version__))


def weigh(laid: Laid, images: tuple[FileImages, ...], resources: Resources) -> Weighed:
    checked = check(images, resources.knowledge)
    suspicions = [one for each in checked for one in each.checked.suspicions if not one.pre_existing]
    found = list(matched(checked, resources.rules))
    asked = [[match.rule.id for match in each if _is_asked(match, one, resources)] for one, each in found]
    questions = [name for names in asked for name in names]
    tokens = sum(map(bool, asked)) * _FUNCTION_TOKENS + len(questions) * _QUESTION_TOKENS
    paths = tuple(diff.path for diff in laid.patch.files)
    return Weighed(
        suspicions=len(suspicions),
        asked=tuple(questions),
        rules=tuple(sorted({match.rule.id for _, each in found for match in each})),
        tokens=min(tokens, resources.limits.review_tokens),
        subsystem=subsystem(paths, laid.tree) or _first_directory(paths),
        paths=paths,
    )


def worth(weighed: Weighed, rules: Sequence[Rule], weights: Mapping[str, float]) -> float:
    """Of the paths of a patch the one that is cared for most counts; of the weights for it the most special."""
    severity = {rule.id: rule.severity for rule in rules}
    questions = sum(_QUESTION_WORTH[severity[name]] for name in weighed.asked if name in severity)
    risk = _LEAST_WORTH + _SUSPICION_WORTH * weighed.suspicions + questions
    return risk * max((_weight(path, weights) for path in weighed.paths), default=1.0)


def _is_asked(match: Match, one: CheckedFunction, resources: Resources) -> bool:
    return not (match.proven or match.rule.id in resources.stale or refute(one.function, match))


def _weight(path: str, weights: Mapping[str, float]) -> float:
    named = [name for name in weights if path == name or path.startswith(name.rstrip("/") + "/")]
    return weights[max(named, key=len)] if named else 1.0


def _first_directory(paths: Sequence[str]) -> str:
    return next((PurePosixPath(path).parts[0] for path in paths if path), "")


def _rule_hash(rule: Rule, stale: str) -> str:
    """A rule that does not hold on this tree is another one."""
    return digest(_file_hash(rule.path), stale)


def _templates(directory: Path) -> list[Path]:
    rules = directory / "rules"
    return sorted(path for path in directory.rglob("*.md") if not path.is_relative_to(rules))


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
