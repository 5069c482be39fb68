"""Defects that one or two places show, without a path between them."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from lrev.evidence.defect import Defect
from lrev.source.c_nodes import line
from lrev.source.control_flow import Step, StepKind


def defect(
    check: str, mechanism: str, subject: str, places: Sequence[Node], origin: str, ending: str, message: str
) -> Defect:
    """`places` are in order of the text, the last the one to comment on."""
    path = tuple(Step(line(one), one, StepKind.STATEMENT) for one in places)
    return Defect(check, mechanism, subject, path, 0, origin, message, ending=ending)
