"""Models whose memory is not a row of cells that can be copied and cut: told apart, and answered all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lrev.model.cells import SavedCells
from lrev.model.generator import EngineSpec, open_generator
from lrev.types import Answer
from tests.model.plans import FUNCTIONS, PLAN
from tests.model.tiny import write_gemma2, write_mamba

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def recurrent(spec: EngineSpec, tmp_path_factory: pytest.TempPathFactory) -> EngineSpec:
    path = write_mamba(tmp_path_factory.mktemp("tiny") / "mamba.gguf")
    return replace(spec, name="tiny", path=path, context_tokens=2048)


def outcomes(answers: list[Answer]) -> list[tuple[str, tuple[float, ...]]]:
    return [(one.text, one.probabilities) for one in answers]


def test_it_is_recognised(recurrent: EngineSpec) -> None:
    with open_generator(recurrent) as generator:
        assert isinstance(generator.engine.cells, SavedCells)


def test_each_question_is_answered_as_if_alone(recurrent: EngineSpec) -> None:
    """Bit for bit: in a plan, back from a saved state, and with nothing read before."""
    alone = []
    for prompt in PLAN:
        with open_generator(recurrent) as fresh:
            alone += outcomes(fresh.answer([prompt]))
    with open_generator(recurrent) as generator:
        found = generator.answer(PLAN)
        again = generator.answer(FUNCTIONS[0])
    assert outcomes(found) == alone
    assert outcomes(again) == alone[: len(FUNCTIONS[0])]
    assert len({one.probabilities for one in found}) > 2  # it does tell prompts apart


def test_a_prefix_is_read_once(recurrent: EngineSpec) -> None:
    with open_generator(recurrent) as generator:
        first, second, _, _, other, *_ = generator.answer(PLAN)
        again, *_ = generator.answer(FUNCTIONS[0])
    assert first.tokens_reused == 0
    assert second.tokens_reused == again.tokens_reused > second.tokens_read
    assert 0 < other.tokens_reused < second.tokens_reused


def test_its_system_text_comes_from_the_disk(recurrent: EngineSpec, tmp_path: Path) -> None:
    kept = replace(recurrent, prefixes=tmp_path / "prefixes")
    found = []
    for _ in range(2):
        with open_generator(kept) as generator:
            found.append(generator.answer(PLAN))
    assert found[0] == found[1]
    assert len(list(kept.prefixes.iterdir() if kept.prefixes else ())) == 1


@pytest.fixture(scope="module")
def windowed(spec: EngineSpec, tmp_path_factory: pytest.TempPathFactory) -> EngineSpec:
    path = write_gemma2(tmp_path_factory.mktemp("tiny") / "gemma2.gguf")
    return replace(spec, name="tiny", path=path, context_tokens=2048)


def test_a_sliding_window_changes_no_answer(windowed: EngineSpec) -> None:
    """Its functions are far longer than its window, and the head that they share lies far behind it.

    llama.cpp saves no cell that the window has left behind: a state that came back cannot be cut to a shorter prefix.
    """
    alone = []
    for function in FUNCTIONS:
        with open_generator(windowed) as fresh:
            alone.append(outcomes(fresh.answer(function)))
    back_and_forth = (0, 1, 0, 2, 1, 0, 2)
    for parked_megabytes in (16, 0):
        with open_generator(replace(windowed, parked_megabytes=parked_megabytes)) as generator:
            assert generator.engine.cells.width > 1
            for place in back_and_forth:
                assert outcomes(generator.answer(FUNCTIONS[place])) == alone[place]
    assert alone[0] != alone[1]
