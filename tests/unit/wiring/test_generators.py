from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lrev.errors import ModelMissing
from lrev.manifest import FileSource, ModelSpec, PromptFormat, Role, Tier
from lrev.qualification import MeasuredWith, store
from lrev.settings import Settings
from lrev.wiring.generators import doubts, engine_spec, measured_with, qualified
from tests.unit.qualifications import SHA256, qualification

SETTINGS = Settings()
SPEC = ModelSpec(
    "mine",
    Role.GENERATOR,
    Tier.SMALL,
    "MIT",
    FileSource("file", Path("/nowhere/mine.gguf")),
    sha256=SHA256,
    context_tokens=8192,
    prompt_format=PromptFormat.QWEN3,
    thinking_tokens=64,
    small_cache=True,
)
NOW = measured_with(SPEC, SETTINGS)


def test_a_model_that_is_not_here_is_said() -> None:
    with pytest.raises(ModelMissing, match="model 'mine' is not here"):
        engine_spec(SPEC, SETTINGS)


def test_the_keys_of_the_manifest_reach_the_engine(tmp_path: Path) -> None:
    import hashlib

    file = tmp_path / "mine.gguf"
    file.write_bytes(b"GGUF")
    here = replace(SPEC, source=FileSource("file", file), sha256=hashlib.sha256(b"GGUF").hexdigest())
    engine = engine_spec(here, replace(SETTINGS, prompt_tokens=2401, threads=3))
    assert (engine.path, engine.context_tokens, engine.threads) == (file, 2560, 3)
    assert (engine.prompt_format, engine.thinking_tokens) == ("qwen3", 64)
    assert (engine.small_cache, engine.flash_attention) == (True, False)


def test_what_was_measured_with_the_same_holds() -> None:
    assert qualified(SPEC, SETTINGS) == (None, "not qualified")
    one = qualification(measured_with=NOW)
    store(one)
    assert qualified(SPEC, SETTINGS) == (one, "qualified as small")
    assert doubts(SPEC, SETTINGS) == ()


@pytest.mark.parametrize(
    ("spec", "settings"),
    [
        (replace(SPEC, prompt_format=PromptFormat.CHATML), SETTINGS),
        (replace(SPEC, small_cache=False), SETTINGS),
        (SPEC, replace(SETTINGS, prompt_tokens=4800)),
    ],
    ids=["format", "engine", "length"],
)
def test_what_was_measured_otherwise_is_out_of_date(spec: ModelSpec, settings: Settings) -> None:
    store(qualification(measured_with=NOW))
    assert qualified(spec, settings) == (None, "qualified with other questions or settings")
    assert doubts(spec, settings) == (
        "'mine' is qualified with other questions or settings; run lrev models qualify mine",
    )


def test_other_questions_are_out_of_date() -> None:
    asked = MeasuredWith(SHA256, "00" * 32, NOW.engine, NOW.planned_tokens)
    store(qualification(measured_with=asked))
    assert qualified(SPEC, SETTINGS)[0] is None


def test_more_threads_are_no_other_measurement() -> None:
    assert measured_with(SPEC, replace(SETTINGS, threads=7)) == NOW


def test_a_model_that_told_nothing_apart_is_doubted() -> None:
    store(qualification(Tier.TEST, NOW, usable=600))
    assert doubts(SPEC, SETTINGS) == (
        "'mine' did not tell sound from faulty code: 2 of 3 twins, no better than chance",
        "'mine' finds what it is shown in up to 600 tokens, and prompt_tokens is 2400",
    )
    store(qualification(Tier.TEST, NOW, usable=0))
    assert doubts(SPEC, SETTINGS)[1].startswith("'mine' finds what it is shown at no length that was tried, ")
