"""The small real generator. Slow to load, so once for all tests that only read from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.model.generator import EngineSpec, open_generator
from lrev.types import Generator

FILE = "smollm2-135m-instruct-q4_1.gguf"
CONTEXT_TOKENS = 1024
BATCH_TOKENS = 64  # small, so that short texts are cut into several chunks


@pytest.fixture(scope="session")
def smollm2_path() -> Path:
    folder = Path(os.environ.get("LREV_TEST_MODELS") or Path.home() / ".local/share/lrev/models")
    path = folder / FILE
    if not path.is_file():
        pytest.fail(f"no '{path}': run `make test`, or lrev models pull smollm2-135m, or set LREV_TEST_MODELS")
    return path


@pytest.fixture(scope="session")
def spec(smollm2_path: Path) -> EngineSpec:
    """One thread: two that wait for each other crawl where other tests run beside them."""
    return EngineSpec(
        "smollm2-135m", "0" * 64, smollm2_path, CONTEXT_TOKENS, "chatml", threads=1, batch_tokens=BATCH_TOKENS
    )


@pytest.fixture(scope="session")
def generator(spec: EngineSpec) -> Iterator[Generator]:
    with open_generator(spec) as opened:
        yield opened
