"""What code says of the functions of a patch: the checks, and then the rules that they and the added lines trigger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrev.evidence.checks import Checked, inspect
from lrev.evidence.knowledge import Knowledge
from lrev.evidence.overlaid import OverlaidKnowledge
from lrev.review.images import FileImages
from lrev.rules.rule import Rule
from lrev.rules.triggers import Match, matches
from lrev.types import ChangedFunction


@dataclass(frozen=True, slots=True)
class CheckedFunction:
    image: FileImages
    function: ChangedFunction
    checked: Checked


def check(images: Sequence[FileImages], knowledge: Knowledge) -> tuple[CheckedFunction, ...]:
    """Every changed function, by what its own files make of the functions that it calls."""
    overlaid = OverlaidKnowledge(
        knowledge,
        {image.diff.path: image.after for image in images},
        {image.diff.path: image.before for image in images},
    )
    return tuple(one for image in images for one in _check(image, overlaid))


def _check(image: FileImages, knowledge: Knowledge) -> Iterator[CheckedFunction]:
    for function in image.changed.functions if image.changed is not None else ():
        nothing = Checked((), followed=True)  # of a file that is deleted
        found = inspect(function, image.before, image.after, knowledge) if image.after is not None else nothing
        yield CheckedFunction(image, function, found)


def matched(
    checked: Sequence[CheckedFunction], rules: Sequence[Rule]
) -> Iterator[tuple[CheckedFunction, tuple[Match, ...]]]:
    """The rules that each function triggers; functions that the patch removes trigger none."""
    said = tuple(suspicion for one in checked for suspicion in one.checked.suspicions if not suspicion.pre_existing)
    for one in checked:
        if one.function.after is not None:
            yield one, matches(rules, one.function, one.image.calls, said)
