"""One image of a function as the checks see it, and what they claim of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node

from lrev.evidence.expressions import Expressions
from lrev.evidence.interest import Relevance
from lrev.evidence.knowledge import Knowledge
from lrev.evidence.lending import Lending, local_names
from lrev.evidence.resources import Allocator, allocator_of
from lrev.source.c_code import parse
from lrev.source.c_nodes import text
from lrev.source.control_flow import Interest, Path, Step, StepKind, paths
from lrev.source.flow_values import NEGATIVE, POSITIVE
from lrev.types import Fact, FunctionSource, TraceStep

_ERROR_NAME = re.compile(r"e|r|rc|rv|err|error|errno|ret|retval|res|result|status|\w+_(?:err|error|ret)")
# The conditions right before the return decide; more of them is the function again.
_MAX_CONDITIONS = 6


@dataclass(frozen=True)
class FunctionImage:
    """A whole function of the file `path`, parsed alone: `data` is its text, and line 1 of it is `first_line` of the
    file.

    `changed` are lines of the file: of paths that the checks cannot tell apart, one through them is kept as well.
    `file` is all of the file's text, for what its other functions do with the same.
    """

    name: str
    first_line: int
    data: bytes
    node: Node
    knowledge: Knowledge
    path: str = ""
    changed: frozenset[int] = frozenset()
    file: bytes = b""

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """() where there are more than are followed; found only for a check that has something to look for."""
        watched = frozenset(line - self.first_line + 1 for line in self.changed)
        return paths(self.node, self.data, Interest(Relevance(self), watched))

    @property
    def gave_up(self) -> bool:
        """Whether a check asked for the paths, and there were more than are followed."""
        return "paths" in self.__dict__ and not self.paths

    def facts(self, name: str) -> tuple[Fact, ...]:
        """What is known of a function that this one calls."""
        return self.knowledge.facts(name, self.path) if name not in self.locals else ()

    def allocator(self, name: str) -> Allocator | None:
        return allocator_of(name, self.knowledge, self.path) if name and name not in self.locals else None

    def lends(self, name: str, position: int) -> bool:
        """Whether a callee gives back what it is passed; False when that is not known."""
        return name not in self.locals and self._lending.lends(name, position)

    @cached_property
    def locals(self) -> frozenset[str]:
        """Parameters and variables."""
        return local_names(self.node, self.data)

    @cached_property
    def expressions(self) -> Expressions:
        return Expressions(self.node, self.data, self.knowledge)

    @cached_property
    def _lending(self) -> Lending:
        return Lending(self.knowledge, self.path)

    def line(self, step: Step) -> int:
        return step.line + self.first_line - 1

    def written(self, node: Node) -> str:
        return text(node, self.data)


@dataclass(frozen=True, slots=True)
class Defect:
    """A path on which something is wrong with `subject` from step `start` on; `ending` says what its last step does."""

    check: str
    mechanism: str
    subject: str
    path: Path
    start: int
    origin: str
    message: str
    rests_on: tuple[str, ...] = ()
    ending: str = "returns here"

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.check, self.mechanism, self.subject


def read_image(
    source: FunctionSource, data: bytes, knowledge: Knowledge, path: str, changed: frozenset[int] = frozenset()
) -> FunctionImage | None:
    """None for a function that was not read whole."""
    if not source.whole:
        return None
    own = b"\n".join(data.split(b"\n")[source.span.start - 1 : source.span.end]) + b"\n"
    found = parse(own).functions
    if len(found) != 1:
        return None
    return FunctionImage(source.name, source.span.start, own, found[0], knowledge, path, changed, data)


def lines(defect: Defect, image: FunctionImage) -> frozenset[int]:
    """The lines of the file that the path runs through."""
    covered: set[int] = set()
    for step in defect.path:
        end = step.line if step.node.type == "compound_statement" else step.node.end_point.row + 1
        covered.update(range(step.line, end + 1))
    return frozenset(line + image.first_line - 1 for line in covered)


def trace(defect: Defect, image: FunctionImage) -> tuple[TraceStep, ...]:
    """Where it began, the conditions that lead on, and the return."""
    written = image.data.decode("utf-8", "replace").split("\n")
    conditions = [step for step in defect.path[defect.start + 1 : -1] if step.kind is StepKind.CONDITION]
    chosen = [(defect.path[defect.start], defect.origin)]
    chosen += [(step, _outcome(step)) for step in conditions[-_MAX_CONDITIONS:]]
    chosen.append((defect.path[-1], defect.ending))
    return tuple(TraceStep(image.line(step), written[step.line - 1].strip(), note) for step, note in chosen)


def _outcome(step: Step) -> str:
    if " is " in step.condition:
        return step.condition
    return f"`{step.condition}` is {'true' if step.truth else 'false'}"


def is_error(image: FunctionImage, step: Step) -> bool:
    """Whether a return is known to return a negative errno or an error pointer."""
    if step.signs == NEGATIVE:
        return True
    # `if (err) return err;`: what is not zero is an error by the name of the variable.
    return step.signs == NEGATIVE | POSITIVE and _ERROR_NAME.fullmatch(returned(image, step)) is not None


def returned(image: FunctionImage, step: Step) -> str:
    """What a return returns, "" for nothing."""
    values = step.node.named_children if step.node.type == "return_statement" else []
    return image.written(values[0]) if values else ""
