"""Texts to tokens of a generator, also without its weights: the vocabulary alone is read from the model file."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from lrev.errors import MachineError
from lrev.model.loading import Handle, open_vocabulary

Tokens = tuple[int, ...]
Count = Callable[[str], int]


def tokens_of(native: ModuleType, vocabulary: Handle, text: str, *, control: bool = False) -> Tokens:
    """Tokens of `text` alone; control tokens are recognised in it only if `control`."""
    buffer, count = _tokenized(native, vocabulary, text, control)
    return tuple(buffer[:count])


@contextmanager
def open_counter(path: Path) -> Iterator[Count]:
    """Tokens of a text, control tokens in it taken as plain text: what Generator.count() of the same file gives.

    Raises ModelMissing if the file is not GGUF, MachineError if llama.cpp refuses it.
    """
    with open_vocabulary(path) as (native, vocabulary):
        yield lambda text: _tokenized(native, vocabulary, text, False)[1]


def _tokenized(
    native: ModuleType, vocabulary: Handle, text: str, control: bool
) -> tuple[ctypes.Array[ctypes.c_int32], int]:
    data = text.encode("utf-8", "replace")
    room = len(data) + 2  # no token is shorter than a byte; a tokenizer may put a space before the first
    buffer = (native.llama_token * room)()
    count = native.llama_tokenize(vocabulary, data, len(data), buffer, room, False, control)
    if count < 0:
        raise MachineError(f"the tokenizer needs {-count} tokens for {len(data)} bytes")
    return buffer, count
