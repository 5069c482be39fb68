"""The statements of a function as a graph: what may be executed after what, and on which outcome of a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from tree_sitter import Node

from lrev.source.c_nodes import arguments, bare, callee, line, text

NORETURN = frozenset(
    {"BUG", "panic", "do_exit", "make_task_dead", "unreachable", "nmi_panic", "do_task_dead", "die", "machine_restart"}
)
_HINTS = frozenset({"likely", "unlikely", "WARN_ON", "WARN_ON_ONCE", "READ_ONCE"})
_CONDITIONALS = frozenset({"preproc_if", "preproc_ifdef", "preproc_elif", "preproc_elifdef", "preproc_else"})
_IGNORED = frozenset({"comment", "preproc_def", "preproc_function_def", "preproc_call", "preproc_include"})


class VertexKind(Enum):
    STATEMENT = "statement"
    CONDITION = "condition"
    CASE = "case"  # a switch: its edges carry the label taken
    LOOP = "loop"  # an iterator macro: runs its body or not, which nothing else depends on
    JUMP = "jump"  # a place to go to, nothing is done
    BODY = "body"  # the way into a loop, taken once a path
    RETURN = "return"
    DEAD = "dead"  # does not return, or is not understood

    @property
    def is_read(self) -> bool:
        """Whether the node of such a vertex is what is done there, and not a place or a whole body."""
        return self in {VertexKind.STATEMENT, VertexKind.CONDITION, VertexKind.CASE, VertexKind.LOOP, VertexKind.RETURN}


@dataclass(frozen=True, slots=True)
class Edge:
    """`outcome` is "true" or "false" of a condition, the label of a case, "" where there is no choice."""

    target: Vertex
    outcome: str = ""


@dataclass(eq=False, slots=True)
class Vertex:
    """`node` is the statement or the bare condition; `edges` are filled while the graph is built."""

    kind: VertexKind
    node: Node
    line: int
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Around:
    """Where `break` and `continue` lead."""

    leave: Vertex
    again: Vertex


def graph(function: Node, data: bytes) -> Vertex:
    """The first vertex of a function_definition."""
    body = function.child_by_field_name("body")
    assert body is not None
    return _Builder(data).build(body)


class _Builder:
    """Builds from the end to the start: every statement is given the vertex that comes after it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._labels: dict[str, Vertex] = {}

    def build(self, body: Node) -> Vertex:
        self._declare_labels(body)
        end = Vertex(VertexKind.RETURN, body, body.end_point.row + 1)
        return self._sequence(body.named_children, end, _Around(end, end))

    def _declare_labels(self, body: Node) -> None:
        pending = [body]
        while pending:
            node = pending.pop()
            if node.type == "labeled_statement":
                label = node.child_by_field_name("label")
                if label is not None:
                    self._labels[text(label, self._data)] = _vertex(VertexKind.JUMP, node)
            if not node.type.endswith("expression"):
                pending.extend(node.named_children)

    def _sequence(self, nodes: Sequence[Node], after: Vertex, around: _Around) -> Vertex:
        for node in reversed(nodes):
            after = self._statement(node, after, around)
        return after

    def _statement(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        if node.type in _IGNORED:
            return after
        if node.type in _CONDITIONALS:
            return self._preprocessed(node, after, around)
        build = _BUILDERS.get(node.type)
        return build(self, node, after, around) if build is not None else self._plain(node, after)

    def block(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        return self._sequence(node.named_children, after, around)

    def leave(self, _node: Node, _after: Vertex, around: _Around) -> Vertex:
        return around.leave

    def again(self, _node: Node, _after: Vertex, around: _Around) -> Vertex:
        return around.again

    def end(self, node: Node, _after: Vertex, _around: _Around) -> Vertex:
        kind = VertexKind.RETURN if node.type == "return_statement" else VertexKind.DEAD
        return _vertex(kind, node)

    def labelled(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        label = node.child_by_field_name("label")
        jump = self._labels.get(text(label, self._data)) if label is not None else None
        if jump is None:
            return _vertex(VertexKind.DEAD, node)
        if node.type == "labeled_statement":
            rest = [child for child in node.named_children if child.type != "statement_identifier"]
            jump.edges.append(Edge(self._sequence(rest, after, around)))
        return jump

    def _plain(self, node: Node, after: Vertex) -> Vertex:
        call = next((child for child in node.named_children if child.type == "call_expression"), None)
        if call is not None and callee(call, self._data) in NORETURN:
            return _vertex(VertexKind.DEAD, node)
        return _vertex(VertexKind.STATEMENT, node, [Edge(after)])

    def branch(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        condition = node.child_by_field_name("condition")
        taken = node.child_by_field_name("consequence")
        clause = node.child_by_field_name("alternative")
        if condition is None or taken is None:
            return _vertex(VertexKind.DEAD, node)
        otherwise = self._sequence(clause.named_children, after, around) if clause is not None else after
        return self._condition(condition, self._statement(taken, after, around), otherwise)

    def _condition(self, node: Node, yes: Vertex, no: Vertex) -> Vertex:
        """Short circuits become vertices of their own; `!`, parentheses and hints go."""
        node = self._bare(node)
        if node.type == "unary_expression" and node.children[0].type == "!":
            return self._condition(node.named_children[-1], no, yes)
        if node.type == "binary_expression" and node.children[1].type in {"&&", "||"}:
            left, right = node.children[0], node.children[2]
            if node.children[1].type == "&&":
                return self._condition(left, self._condition(right, yes, no), no)
            return self._condition(left, yes, self._condition(right, yes, no))
        if text(node, self._data) in {"1", "true"}:
            return yes
        if text(node, self._data) in {"0", "false"}:
            return no
        return _vertex(VertexKind.CONDITION, node, [Edge(yes, "true"), Edge(no, "false")])

    def _bare(self, node: Node) -> Node:
        node = bare(node)
        while node.type == "call_expression" and callee(node, self._data) in _HINTS and arguments(node):
            node = bare(arguments(node)[0])
        return node

    def loop(self, node: Node, after: Vertex, _around: _Around) -> Vertex:
        body = node.child_by_field_name("body")
        if body is None:
            return _vertex(VertexKind.DEAD, node)
        head, into = _vertex(VertexKind.JUMP, node), _vertex(VertexKind.BODY, node)
        update = node.child_by_field_name("update")
        again = head if update is None else _vertex(VertexKind.STATEMENT, update, [Edge(head)])
        into.edges.append(Edge(self._statement(body, again, _Around(after, again))))
        condition = node.child_by_field_name("condition")
        if node.type == "while_statement" and not self._data.startswith(b"while", node.start_byte):
            assert condition is not None
            head.edges.append(Edge(_vertex(VertexKind.LOOP, condition, [Edge(into, "true"), Edge(after, "false")])))
        else:
            head.edges.append(Edge(self._condition(condition, into, after) if condition is not None else into))
        if node.type == "do_statement":
            return into
        start = node.child_by_field_name("initializer")
        return head if start is None else _vertex(VertexKind.STATEMENT, start, [Edge(head)])

    def switch(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        condition, body = node.child_by_field_name("condition"), node.child_by_field_name("body")
        if condition is None or body is None:
            return _vertex(VertexKind.DEAD, node)
        choice = _vertex(VertexKind.CASE, condition)
        inside, following = _Around(after, around.again), after
        has_default = False
        for part in reversed(list(_cases(body.named_children))):
            if part.type != "case_statement":
                following = self._statement(part, following, inside)
                continue
            value = part.child_by_field_name("value")
            rest = [child for child in part.named_children if child != value]
            following = self._sequence(rest, following, inside)
            label = "default" if value is None else text(value, self._data)
            has_default = has_default or value is None
            choice.edges.insert(0, Edge(following, label))
        if not has_default:
            choice.edges.append(Edge(after, "default"))
        return choice

    def _preprocessed(self, node: Node, after: Vertex, around: _Around) -> Vertex:
        """Compiled in or out, and the same way everywhere in the function."""
        test = node.child_by_field_name("condition") or node.child_by_field_name("name")
        clause = node.child_by_field_name("alternative")
        rest = [child for child in node.named_children if child not in (test, clause)]
        inside = self._sequence(rest, after, around)
        if test is None:
            return inside
        outside = self._statement(clause, after, around) if clause is not None else after
        edges = [Edge(inside, "true"), Edge(outside, "false")]
        if node.children[0].type == "#ifndef":
            edges = [Edge(inside, "false"), Edge(outside, "true")]
        return _vertex(VertexKind.CONDITION, test, edges)


_Build = Callable[[_Builder, Node, Vertex, _Around], Vertex]
_BUILDERS: dict[str, _Build] = {
    "compound_statement": _Builder.block,
    "if_statement": _Builder.branch,
    "while_statement": _Builder.loop,
    "for_statement": _Builder.loop,
    "do_statement": _Builder.loop,
    "switch_statement": _Builder.switch,
    "break_statement": _Builder.leave,
    "continue_statement": _Builder.again,
    "labeled_statement": _Builder.labelled,
    "goto_statement": _Builder.labelled,
    "return_statement": _Builder.end,
    "ERROR": _Builder.end,
}


def _vertex(kind: VertexKind, node: Node, edges: list[Edge] | None = None) -> Vertex:
    return Vertex(kind, node, line(node), edges or [])


def _cases(nodes: Iterable[Node]) -> Iterable[Node]:
    """The labels of a switch, those under conditional compilation as if they were all there."""
    for node in nodes:
        if node.type in _CONDITIONALS and any(child.type == "case_statement" for child in node.named_children):
            yield from _cases(child for child in node.named_children if child.type != "identifier")
        elif node.type not in _IGNORED:
            yield node
