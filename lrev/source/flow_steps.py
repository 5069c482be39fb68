"""What a path through a function is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tree_sitter import Node

from lrev.source.flow_values import ANY, Signs


class StepKind(Enum):
    STATEMENT = "statement"
    CONDITION = "condition"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done. A condition has its text, its outcome and what that says of a variable, if anything.

    `signs` of a condition are of `variable` afterwards, of a return of the returned value (ANY for none).
    """

    line: int
    node: Node
    kind: StepKind
    condition: str = ""
    truth: bool = False
    variable: str = ""
    signs: Signs = ANY


Path = tuple[Step, ...]
