"""Models of a few thousand random numbers, written as GGUF files (github.com/ggml-org/ggml, docs/gguf.md).

They know bytes and nothing else, and what they say means nothing: they are there for how their memories behave.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

import numpy

_ALIGNMENT = 32
_U32, _F32, _STRING, _ARRAY, _I32 = 4, 6, 8, 9, 5
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
_WIDTH, _INNER, _STATE, _RANK, _KERNEL, _HEADS, _LAYERS = 32, 64, 8, 4, 4, 2, 2
WINDOW_TOKENS = 32

Value = int | float | str | list[str] | list[float] | list[int]


class _Random:
    def __init__(self) -> None:
        self._numbers = numpy.random.default_rng(6)

    def tensor(self, *shape: int) -> numpy.ndarray:
        """float32, of a size that keeps what passes through it as large as it was."""
        found: numpy.ndarray = (self._numbers.standard_normal(shape) / shape[-1] ** 0.5).astype(numpy.float32)
        return found


def write_mamba(path: Path) -> Path:
    """The smallest Mamba that llama.cpp loads (Gu and Dao, 2023)."""
    random = _Random()
    tensors = _around(random)
    for layer in range(_LAYERS):
        tensors |= {
            f"blk.{layer}.attn_norm.weight": _ones(_WIDTH),
            f"blk.{layer}.ssm_in.weight": random.tensor(2 * _INNER, _WIDTH),
            f"blk.{layer}.ssm_conv1d.weight": random.tensor(_INNER, _KERNEL),
            f"blk.{layer}.ssm_conv1d.bias": random.tensor(_INNER),
            f"blk.{layer}.ssm_x.weight": random.tensor(_RANK + 2 * _STATE, _INNER),
            f"blk.{layer}.ssm_dt.weight": random.tensor(_INNER, _RANK),
            f"blk.{layer}.ssm_dt.bias": random.tensor(_INNER),
            f"blk.{layer}.ssm_a": -numpy.exp(random.tensor(_INNER, _STATE)),
            f"blk.{layer}.ssm_d": random.tensor(_INNER),
            f"blk.{layer}.ssm_out.weight": random.tensor(_WIDTH, _INNER),
        }
    own: dict[str, Value] = {
        "feed_forward_length": 0,
        "attention.head_count": 0,
        "ssm.conv_kernel": _KERNEL,
        "ssm.inner_size": _INNER,
        "ssm.state_size": _STATE,
        "ssm.time_step_rank": _RANK,
    }
    path.write_bytes(_gguf(_fields("mamba", own), tensors))
    return path


def write_gemma2(path: Path) -> Path:
    """A Gemma 2 whose every other layer sees a window of the last tokens (Gemma Team, 2024)."""
    random = _Random()
    tensors = _around(random)
    for layer in range(_LAYERS):
        norms = ("attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm")
        squares = ("attn_q", "attn_k", "attn_v", "attn_output")
        tensors |= {f"blk.{layer}.{name}.weight": _ones(_WIDTH) for name in norms}
        tensors |= {f"blk.{layer}.{name}.weight": random.tensor(_WIDTH, _WIDTH) for name in squares}
        tensors |= {f"blk.{layer}.ffn_{name}.weight": random.tensor(_INNER, _WIDTH) for name in ("gate", "up")}
        tensors[f"blk.{layer}.ffn_down.weight"] = random.tensor(_WIDTH, _INNER)
    own: dict[str, Value] = {
        "feed_forward_length": _INNER,
        "attention.head_count": _HEADS,
        "attention.head_count_kv": _HEADS,
        "attention.key_length": _WIDTH // _HEADS,
        "attention.value_length": _WIDTH // _HEADS,
        "attention.sliding_window": WINDOW_TOKENS,
    }
    path.write_bytes(_gguf(_fields("gemma2", own), tensors))
    return path


def _around(random: _Random) -> dict[str, numpy.ndarray]:
    names, _ = _tokens()
    return {"token_embd.weight": random.tensor(len(names), _WIDTH) * 4, "output_norm.weight": _ones(_WIDTH)}


def _ones(count: int) -> numpy.ndarray:
    return numpy.ones(count, dtype=numpy.float32)


def _fields(architecture: str, own: dict[str, Value]) -> dict[str, Value]:
    names, kinds = _tokens()
    shared: dict[str, Value] = {
        "context_length": 4096,
        "embedding_length": _WIDTH,
        "block_count": _LAYERS,
        "attention.layer_norm_rms_epsilon": 1e-5,
    }
    return {
        "general.architecture": architecture,
        **{f"{architecture}.{name}": value for name, value in (shared | own).items()},
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": names,
        "tokenizer.ggml.scores": [0.0] * len(names),
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
    }


def _tokens() -> tuple[list[str], list[int]]:
    marks = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    names = ["<unk>", *marks, *bytes_, "\N{LOWER ONE EIGHTH BLOCK}"]
    return names, [_UNKNOWN, *[_CONTROL] * len(marks), *[_BYTE] * len(bytes_), _NORMAL]


def _gguf(fields: dict[str, Value], tensors: dict[str, numpy.ndarray]) -> bytes:
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(fields))]
    head += [_string(name) + _typed(value) for name, value in fields.items()]
    data = b""
    for name, tensor in tensors.items():
        shape = tensor.shape[::-1]
        head.append(_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data)))
        data += _padded(tensor.tobytes())
    return _padded(b"".join(head)) + data


def _typed(value: Value) -> bytes:
    kind, data = _plain(value)
    return struct.pack("<I", kind) + data


def _plain(value: Value) -> tuple[int, bytes]:
    match value:
        case str():
            return _STRING, _string(value)
        case int():
            return _U32, struct.pack("<I", value)
        case float():
            return _F32, struct.pack("<f", value)
    return _ARRAY, _array(value)


def _array(values: Iterable[int | float | str]) -> bytes:
    plain = [(_I32, struct.pack("<i", one)) if isinstance(one, int) else _plain(one) for one in values]
    return struct.pack("<IQ", plain[0][0], len(plain)) + b"".join(data for _, data in plain)


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
