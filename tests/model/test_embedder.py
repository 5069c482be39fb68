"""The real embedders: the default one made from its teacher in a sealed process, and the teacher itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (
    "spin_lock_irqsave(&q->lock, flags);",
    "spin_unlock_irqrestore(&q->lock, flags);",
    "The maintainers of the documentation ask for plain English.",
    "",
)
# Everything heavy happens in a child: it seals itself for good, and its libraries warn as they please.
CHILD = """
import json, sys
from lrev.seal import is_sealed, seal
seal()
from lrev.manifest import load_manifest
from lrev.model.embedder import open_embedder
from lrev.model.store import State, verify
manifest = load_manifest()
found = {}
for name in ("minilm-static", "all-minilm-l6-v2"):
    embedder = open_embedder(manifest.get(name))
    rows = embedder.encode(json.loads(sys.argv[1]))
    found[name] = {
        "sha256": embedder.sha256,
        "dimension": embedder.dimension,
        "ready": verify(manifest.get(name)).state is State.READY,
        "kind": str(rows.dtype),
        "rows": rows.tolist(),
    }
print(json.dumps({"sealed": is_sealed(), **found}))
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    sha256: str
    dimension: int
    ready: bool
    kind: str
    rows: list[list[float]]

    def likeness(self, one: int, other: int) -> float:
        return sum(a * b for a, b in zip(self.rows[one], self.rows[other], strict=True))


@pytest.fixture(scope="module")
def outcomes(distilled_home: Path) -> dict[str, Outcome]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, json.dumps(TEXTS)],
        cwd=ROOT,
        env={**os.environ, "LREV_HOME": str(distilled_home)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found.pop("sealed") is True
    return {name: Outcome(**fields) for name, fields in found.items()}


@pytest.mark.model
@pytest.mark.parametrize(("name", "dimension"), [("minilm-static", 256), ("all-minilm-l6-v2", 384)])
def test_an_embedder_gives_unit_rows_that_tell_like_from_unlike(
    outcomes: dict[str, Outcome], name: str, dimension: int
) -> None:
    found = outcomes[name]
    assert found.ready
    assert len(found.sha256) == 64
    assert (found.kind, found.dimension) == ("float32", dimension)
    assert [len(row) for row in found.rows] == [dimension] * len(TEXTS)
    for text in range(len(TEXTS) - 1):
        assert found.likeness(text, text) == pytest.approx(1.0, abs=1e-5)
    assert found.likeness(0, 1) > found.likeness(0, 2)


@pytest.mark.model
def test_only_the_static_embedder_knows_nothing_of_an_empty_text(outcomes: dict[str, Outcome]) -> None:
    assert set(outcomes["minilm-static"].rows[3]) == {0.0}
    assert outcomes["all-minilm-l6-v2"].likeness(3, 3) == pytest.approx(1.0, abs=1e-5)
