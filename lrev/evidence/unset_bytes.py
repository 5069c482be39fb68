"""A struct of the stack that is copied out as a whole, with padding or members that nothing has set.

What they hold then is what the stack held before, which a reader outside the kernel gets to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions
from lrev.evidence.layout import lay
from lrev.evidence.plain import defect
from lrev.evidence.typed import Member
from lrev.source.c_nodes import arguments, bare, callee, declared, walk

NAME = "unset-bytes"
PADDING = "padding copied out of the kernel"
MEMBER = "unset member copied out of the kernel"

# Position of what is copied, and of how much.
_COPIES = {
    **dict.fromkeys(("copy_to_user", "__copy_to_user"), (1, 2)),
    **dict.fromkeys(("nla_put", "nla_put_64bit"), (3, 2)),
    "put_cmsg": (4, 3),
    "skb_put_data": (1, 2),
    "copy_to_iter": (0, 1),
    "memcpy_to_msg": (1, 2),
}
# Laid out in another way than one member behind the other, or without padding.
_OTHERWISE = re.compile(rb"packed|aligned|\bunion\b|#\s*if|\bstruct_group|DECLARE_|__cacheline")

_MEASURES = re.compile(r"\bsizeof\s*\([^()]*\)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each variable, at the call that copies it."""
    copies = [
        call for call in walk(image.node) if call.type == "call_expression" and callee(call, image.data) in _COPIES
    ]
    expressions = image.expressions if copies else None
    for call in copies:
        assert expressions is not None
        at, size_at = _COPIES[callee(call, image.data)]
        passed = arguments(call)
        variable = image.written(bare(passed[at])).removeprefix("&") if len(passed) > max(at, size_at) else ""
        size = re.sub(r"\s", "", image.written(passed[size_at])) if variable else ""
        declaration = _declaration(image, variable) if variable.isidentifier() else None
        kind = image.written(declaration.child_by_field_name("type") or declaration) if declaration is not None else ""
        if declaration is None or not kind.startswith("struct ") or "{" in kind:
            continue
        if size in {f"sizeof({variable})", f"sizeof({kind})".replace(" ", "")} and not _filled(image, variable, call):
            yield from _unset(image, expressions, call, declaration, variable, kind)


def _declaration(image: FunctionImage, variable: str) -> Node | None:
    """Of a variable of the function that is neither a pointer nor static nor initialised with `{}`."""
    for node in walk(image.node):
        if node.type != "declaration" or any(one.type == "storage_class_specifier" for one in node.children):
            continue
        for declarator in node.children_by_field_name("declarator"):
            plain = declarator.child_by_field_name("declarator") if declarator.type == "init_declarator" else declarator
            name = declared(declarator)
            if name is None or plain is None or plain.type != "identifier" or image.written(name) != variable:
                continue
            value = declarator.child_by_field_name("value")
            members = value.named_children if value is not None else [node]
            return node if members and (value is None or value.type == "initializer_list") else None
    return None


def _filled(image: FunctionImage, variable: str, copy: Node) -> bool:
    """Whether the whole may have been set: assigned, cleared, or given to anybody by address before."""
    name = re.escape(variable)
    before = image.data[: copy.start_byte].decode("utf-8", "replace")
    whole = rf"(?<![\w.>]){name}\s*=\s*[^={{\s]|&\s*\(?{name}\)?\s*(?![\w.\[>])|\({name}\)"
    return re.search(whole, _MEASURES.sub("", before)) is not None


def _unset(
    image: FunctionImage, expressions: Expressions, call: Node, declaration: Node, variable: str, kind: str
) -> Iterator[Defect]:
    def members(base: str) -> tuple[Member, ...]:
        bodies = image.knowledge.structs(base.partition(" ")[2])
        return () if len(bodies) != 1 or _OTHERWISE.search(bodies[0]) else expressions.members(base)

    is_initialised = f"{variable} = {{" in image.written(declaration)
    missing = "" if is_initialised else _never_set(image, variable, members(kind))
    laid = lay(kind, members)
    origin, ending = f"declares `{variable}`", "copied out here"
    if missing:
        message = f"`{variable}.{missing}` is not set by anything before {callee(call, image.data)}() copies it out."
        yield defect(NAME, MEMBER, variable, (declaration, call), origin, ending, message)
    elif laid is not None and laid.hole:
        message = (
            f"{kind} has padding behind `{laid.hole}`, which setting the members of `{variable}` leaves as the stack "
            f"had it; {callee(call, image.data)}() copies it out. memset() would clear it."
        )
        yield defect(NAME, PADDING, variable, (declaration, call), origin, ending, message)


def _never_set(image: FunctionImage, variable: str, members: tuple[Member, ...]) -> str:
    """A member that the function does not name at all, though it names others."""
    named = set(re.findall(rf"(?<![\w.>]){re.escape(variable)}\s*\.\s*(\w+)", image.data.decode("utf-8", "replace")))
    known = [one.name for one in members]
    return next((name for name in known if name not in named), "") if named & set(known) else ""
