"""A qualification for tests of those who read one."""

from __future__ import annotations

from lrev.manifest import Tier
from lrev.qualification import (
    SCHEMA,
    FactFound,
    FormKept,
    MeasuredWith,
    Qualification,
    Share,
    Spoken,
    TwinAnswered,
)

SHA256 = "ab" * 32
WITH = MeasuredWith(SHA256, "cd" * 32, "llama-cpp-python 0.0.0, chatml", 2400)


def qualification(tier: Tier = Tier.SMALL, measured_with: MeasuredWith = WITH, usable: int = 2400) -> Qualification:
    return Qualification(
        schema=SCHEMA,
        model="mine",
        lrev="0.1.0",
        tier=tier,
        measured_with=measured_with,
        trained_tokens=32768,
        stated_tokens=8192,
        usable_tokens=usable,
        spoken=Spoken("chatml", "agrees with the file's own", 0.98, ()),
        facts=tuple(FactFound(2400, depth, Share(8 - depth // 50, 8)) for depth in (0, 50, 100)),
        forms=(FormKept("line", Share(3, 3)), FormKept("names", Share(2, 3))),
        twins=(
            TwinAnswered("one", "errors", -0.5, 0.5, True, True),
            TwinAnswered("two", "errors", 0.0, -0.5, False, True),
            TwinAnswered("three", "flow", 0.0, 1.0, True, False),
        ),
    )
