"""What is known of functions, with files that are not indexed in front: those a patch makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from lrev.source.c_code import facts, functions, parse
from lrev.types import Fact

if TYPE_CHECKING:
    from lrev.evidence.defect import Knowledge


class OverlaidKnowledge:
    """A function that the files define in another way than `indexed`, the same files as the index has them, is known
    by what they show alone: what was inferred of its former self may be wrong.
    """

    def __init__(
        self, base: Knowledge, files: Mapping[str, bytes | None], indexed: Mapping[str, bytes | None] | None = None
    ) -> None:
        self._base = base
        self._files = files
        self._indexed = indexed or {}

    def facts(self, name: str) -> tuple[Fact, ...]:
        own = self._own
        return own[name] if name in own else self._base.facts(name)

    def exists(self, name: str) -> bool:
        return name in self._own or self._base.exists(name)

    @cached_property
    def _own(self) -> dict[str, tuple[Fact, ...]]:
        found: dict[str, list[Fact]] = {}
        for path, data in self._files.items():
            if data is None or not path.endswith((".c", ".h")):
                continue
            parsed = parse(data)
            before = self._indexed.get(path)
            known = {(one.name, one.text) for one in functions(parse(before))} if before is not None else set()
            for one in functions(parsed):
                if (one.name, one.text) not in known:
                    found.setdefault(one.name, [])
            for fact in facts(parsed, ""):
                if fact.function in found:
                    found[fact.function].append(fact)
        return {name: tuple(read) for name, read in found.items()}
