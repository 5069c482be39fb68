"""Tokens counted with the vocabulary alone, and with the whole model."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ModelMissing
from lrev.model.tokenizer import open_counter
from lrev.types import Generator
from tests.model.plans import LAMP, SYSTEM

pytestmark = pytest.mark.model


def test_the_vocabulary_counts_as_the_model_does(generator: Generator, smollm2_path: Path) -> None:
    texts = ["", "a", LAMP, SYSTEM, "<|im_end|>\n" * 3, "\tgr\u00fc\u00dfe \U0001f4a1"]
    with open_counter(smollm2_path) as count:
        assert [count(text) for text in texts] == [generator.count(text) for text in texts]
        assert count(LAMP) > 10


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"\x80\x04not a model")
    with pytest.raises(ModelMissing), open_counter(path):
        pass
