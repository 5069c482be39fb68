"""The tokens of a loaded model: texts to tokens, tokens to bytes, and which of them mean something to the model."""

from __future__ import annotations

import ctypes
from types import ModuleType

from lrev.model.loading import Handle
from lrev.model.tokenizer import Tokens, tokens_of

_PIECE_BYTES = 256  # twice the longest token of Qwen2.5, which is 128 spaces


class Vocabulary:
    """`handle` is llama.cpp's own, for what else needs it."""

    def __init__(self, native: ModuleType, handle: Handle) -> None:
        self.native = native
        self.handle = handle

    def opening(self) -> Tokens:
        """The token that begins every sequence of this model, if there is one."""
        begins = self.native.llama_vocab_get_add_bos(self.handle)
        return (self.native.llama_vocab_bos(self.handle),) if begins else ()

    def tokenize(self, text: str, *, control: bool = False) -> Tokens:
        """Tokens of `text` alone; control tokens are recognised in it only if `control`."""
        return tokens_of(self.native, self.handle, text, control=control)

    def piece(self, token: int, *, control: bool = False) -> bytes:
        """The bytes of a token, which need not be whole characters; none for control tokens, unless `control`."""
        buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        length: int = self.native.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, control)
        if length < 0:
            buffer = ctypes.create_string_buffer(-length)
            length = self.native.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, control)
        return buffer.raw[:length]

    def ends(self, token: int) -> bool:
        """Whether the model ends its turn with it."""
        return bool(self.native.llama_vocab_is_eog(self.handle, token))
