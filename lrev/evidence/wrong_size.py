"""sizeof of something else than what is allocated, cleared or copied: of the pointer, or of another struct."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.expressions import Expressions
from lrev.evidence.plain import defect
from lrev.evidence.typed import CType
from lrev.source.c_nodes import arguments, bare, callee, target, walk

NAME = "wrong-size"
OF_POINTER = "size of the pointer instead of what it points to"
OF_OTHER = "size of another type"

# Position of the size, and of the pointer whose target it should be the size of; -1: what the result goes to.
_SIZED = {
    **dict.fromkeys(("kmalloc", "kzalloc", "kvmalloc", "kvzalloc", "vmalloc", "vzalloc"), (0, -1)),
    **dict.fromkeys(("devm_kzalloc", "devm_kmalloc", "devres_alloc", "kcalloc", "kmalloc_array"), (1, -1)),
    **dict.fromkeys(("kvcalloc", "kvmalloc_array"), (1, -1)),
    **dict.fromkeys(("devm_kcalloc", "devm_kmalloc_array"), (2, -1)),
    **dict.fromkeys(("memset",), (2, 0)),
    **dict.fromkeys(("copy_from_user",), (2, 0)),
    **dict.fromkeys(("copy_to_user",), (2, 1)),
}
# Two layouts of the same beginning are copied one onto the other on purpose.
_COPIES = frozenset({"copy_from_user", "copy_to_user"})
_TYPE_NAME = re.compile(r"(struct \w+)(\s*\*)*")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each call whose size is a bare sizeof."""
    if b"sizeof" not in image.data:
        return
    expressions = image.expressions
    for call in walk(image.node):
        size_at, pointer_at = (
            _SIZED.get(callee(call, image.data), (-1, -1)) if call.type == "call_expression" else (-1, -1)
        )
        passed = arguments(call)
        if not 0 <= size_at < len(passed) or bare(passed[size_at]).type != "sizeof_expression":
            continue
        pointer = target(call) if pointer_at < 0 else bare(passed[pointer_at])
        pointed = expressions.type(pointer) if pointer is not None else None
        if pointer is not None and pointed is not None and pointed.stars and not pointed.sizes:
            yield from _sized(image, expressions, call, bare(passed[size_at]), pointer, pointed)


def _sized(
    image: FunctionImage, expressions: Expressions, call: Node, size: Node, pointer: Node, pointed: CType
) -> Iterator[Defect]:
    """A pointer to pointers has targets of its own size; that of any pointer is as good."""
    meant = pointed.element()
    found = _measured(image, expressions, size)
    if meant is None or found is None or found.sizes or (meant.stars and found.stars):
        return
    shown, of = image.written(pointer), image.written(size)
    if found.stars and not meant.stars and meant.base not in {"void", "char", "unsigned long"}:
        message = f"`{of}` is the size of a pointer; what `{shown}` points to is {_named(meant)}."
        yield defect(NAME, OF_POINTER, shown, (call,), f"{of} for `{shown}`", "of the wrong size", message)
    elif meant.stars and found.base.startswith("struct "):
        message = f"`{of}` is the size of {_named(found)}; what `{shown}` points to is {_named(meant)}."
        yield defect(NAME, OF_OTHER, shown, (call,), f"{of} for `{shown}`", "of the wrong size", message)
    elif callee(call, image.data) not in _COPIES and _unrelated(expressions, found, meant):
        message = f"`{of}` is the size of {_named(found)}; `{shown}` points to {_named(meant)}, no part of it."
        yield defect(NAME, OF_OTHER, shown, (call,), f"{of} for `{shown}`", "of the wrong size", message)


def _measured(image: FunctionImage, expressions: Expressions, size: Node) -> CType | None:
    """What the operand of a sizeof is."""
    value = size.child_by_field_name("value")
    if value is not None:
        known = expressions.type(value)
        return known if known is not None and known.base else None
    kind = size.child_by_field_name("type")
    written = _TYPE_NAME.fullmatch(image.written(kind)) if kind is not None else None
    return CType(written[1], image.written(size).count("*")) if written is not None else None


def _unrelated(expressions: Expressions, found: CType, meant: CType) -> bool:
    """Two structs, of which the one that is measured is known and does not hold the other."""
    both = found.is_plain and meant.is_plain and found.base != meant.base
    if not both or not found.base.startswith("struct ") or not meant.base.startswith("struct "):
        return False
    held = expressions.members(found.base)
    return (
        bool(held)
        and bool(expressions.members(meant.base))
        and all(one.type.base not in {meant.base, ""} for one in held)
    )


def _named(kind: CType) -> str:
    return kind.base + (" " + "*" * kind.stars if kind.stars else "")
