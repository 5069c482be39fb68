"""The static model's own way to its vectors against the library's, with the real distilled model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrev.model.averaging import Averaging
from lrev.model.distil import OFFLINE
from lrev.model.embedder import StaticEmbedder

pytestmark = pytest.mark.model
# The library gives 16 bits a number, of which 10 are the fraction.
TOLERANCE = 1e-3
WORDS = (
    "spin_lock_irqsave",
    "kfree",
    "EXPORT_SYMBOL_GPL",
    "0x1f",
    "naïve",
    "锁",
    "\uff41\uff42",
    "é",
    "[UNK]",
    "[PAD]",
    "[pad]",
)
MARKS = (
    "(&",
    "->",
    ");",
    "\r\n",
    "\t",
    " ",
    "\0",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x7f",
    "\x85",
    "\u00a0",
    "\u200b",
    "…",
    "_",
    "__",
)
ODD = (
    "",
    " \r\n\t ",
    "\0\0",
    "lock\0ed",
    "form\ffeed",
    "a" * 100,
    "a" * 101,
    "kfree(" + "b" * 5000 + ");",
    "0123456789abcdef" * 6 + " tail",
    "{" * 511 + "kfree kfree",
    "{" * 512 + "kfree",
    "list_head_next_entry; " * 200,
    "x " * 600 + "y" * 101,
    "naïve café Ünïcödé",
    "İstanbul ǅ ß",
    "锁定spin_lock自旋",
    "a [PAD] b [UNK] c [pad]",
    "\ufffd\u200d\U0001f512",
)


@pytest.fixture(scope="module")
def model(distilled_home: Path) -> Any:
    os.environ.update(OFFLINE)
    from model2vec import StaticModel

    return StaticModel.from_pretrained(str(distilled_home / "models" / "minilm-static"))


@pytest.fixture(scope="module")
def averaging(model: Any) -> Averaging:
    found = Averaging.of(model)
    assert found is not None
    return found


def library_ids(model: Any, text: str) -> list[int]:
    """As model2vec's encode() makes them, before it drops the unknown ones."""
    cut = text[: model.max_length * model.median_token_length]
    return list(model.tokenizer.encode(cut, add_special_tokens=False).ids)


def check(model: Any, averaging: Averaging, texts: list[str]) -> None:
    for text in texts:
        own = averaging.token_ids(text)
        assert own is None or own == library_ids(model, text)
    embedder = StaticEmbedder("static", "", averaging.table.shape[1], model, averaging)
    ours = embedder.encode(texts)
    theirs = numpy.asarray(model.encode(texts, use_multiprocessing=False), dtype=numpy.float32)
    assert ours.shape == theirs.shape
    assert numpy.abs(ours - theirs).max() < TOLERANCE


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_get_the_librarys_tokens_and_vectors(model: Any, averaging: Averaging, text: str) -> None:
    check(model, averaging, [text])


@pytest.mark.parametrize("code", range(0x80))
def test_every_ascii_character_parts_words_as_the_library_parts_them(
    model: Any, averaging: Averaging, code: int
) -> None:
    check(model, averaging, [f"spin{chr(code)}lock {chr(code)}"])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(WORDS + MARKS) | st.text(max_size=12), max_size=300).map("".join))
def test_any_text_gets_the_librarys_tokens_and_vectors(model: Any, averaging: Averaging, text: str) -> None:
    check(model, averaging, [text, "kfree(ptr);", text[::-1]])


def test_plain_source_is_not_left_to_the_library(averaging: Averaging) -> None:
    _, left = averaging.sums(["static int f(void)\n{\n\treturn -EINVAL;\n}\n", "x;\r\n" * 500, "", "café", "a" * 101])
    assert left == [3, 4]


def test_what_was_forgotten_is_found_again(model: Any, averaging: Averaging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrev.model.averaging._KEPT_WORDS", 2)
    check(model, averaging, ["one two three four one two three", "four three two one"])
    assert len(averaging.pieces) <= 2


def test_a_model_of_another_form_is_left_to_the_library(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "weights", numpy.ones(len(model.embedding)))
    assert Averaging.of(model) is None
    monkeypatch.undo()
    whole = model.tokenizer.normalizer
    try:
        model.tokenizer.normalizer = type(whole)(lowercase=False)
        assert Averaging.of(model) is None
    finally:
        model.tokenizer.normalizer = whole
