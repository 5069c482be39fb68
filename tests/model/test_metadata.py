from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ModelMissing
from lrev.model.metadata import Stated, stated
from tests.model.tiny import write_gemma2

pytestmark = pytest.mark.model


def test_what_a_real_file_states(smollm2_path: Path) -> None:
    found = stated(smollm2_path)
    assert (found.trained_tokens, found.prompt_format) == (8192, "chatml")
    assert "<|im_start|>" in found.template


def test_a_file_without_a_template(tmp_path: Path) -> None:
    assert stated(write_gemma2(tmp_path / "tiny.gguf")) == Stated(4096, "", "chatml")


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.gguf"
    path.write_text("no model")
    with pytest.raises(ModelMissing, match="is not a GGUF file"):
        stated(path)
