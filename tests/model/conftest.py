"""The small real models. Slow to load or to make, so once for all tests that only read from them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.model.generator import EngineSpec, LocalGenerator, open_generator

FILE = "smollm2-135m-instruct-q4_1.gguf"
CONTEXT_TOKENS = 1024
ROOT = Path(__file__).resolve().parents[2]
# In a child, because it seals itself for good.
DISTIL = """
from lrev.seal import seal
seal()
from lrev.manifest import load_manifest
from lrev.model.distil import distil
from lrev.model.store import locate
manifest = load_manifest()
distil(manifest.get("minilm-static"), manifest, locate, lambda line: None)
"""
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
def generator(spec: EngineSpec) -> Iterator[LocalGenerator]:
    with open_generator(spec) as opened:
        yield opened


@pytest.fixture(scope="session")
def distilled_home(real_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An LREV_HOME with the transformer, and the default embedder made from it in a sealed process."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").mkdir()
    (home / "models" / "all-minilm-l6-v2").symlink_to(real_models / "all-minilm-l6-v2")
    subprocess.run([sys.executable, "-c", DISTIL], cwd=ROOT, env={**os.environ, "LREV_HOME": str(home)}, check=True)
    return home
