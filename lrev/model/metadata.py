"""What a model file states about itself: the context it was trained for, its own chat template, its control tokens."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from lrev.model.loading import Handle, open_without_weights
from lrev.model.prompt_format import recognised
from lrev.model.tokenizer import tokens_of

# A template of a megabyte is no template.
_LONGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Stated:
    """`trained_tokens` 0: not stated. `template` "": none. `prompt_format` "": no known one fits the vocabulary."""

    trained_tokens: int
    template: str
    prompt_format: str


def stated(path: Path) -> Stated:
    """Reads no weights. Raises ModelMissing if the file is not GGUF, MachineError if llama.cpp refuses it."""
    with open_without_weights(path) as (native, model):
        vocabulary = native.llama_model_get_vocab(model)
        architecture = _value(native, model, "general.architecture")
        trained = _value(native, model, f"{architecture}.context_length")
        template = _value(native, model, "tokenizer.chat_template")

        def is_one_token(text: str) -> bool:
            return len(tokens_of(native, vocabulary, text, control=True)) == 1

        return Stated(int(trained) if trained.isdecimal() else 0, template, recognised(is_one_token, template))


def _value(native: ModuleType, model: Handle, key: str) -> str:
    length: int = native.llama_model_meta_val_str(model, key.encode(), None, 0)
    if not 0 < length < _LONGEST_BYTES:
        return ""
    buffer = ctypes.create_string_buffer(length + 1)
    native.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")
