"""Opening a model file with llama.cpp, which is silenced first."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from lrev.errors import MachineError, ModelMissing
from lrev.model.store import GGUF_MAGIC

# Sequences that may stand beside a prefix: 31 questions of one batch, and as many of their choices.
_SEQUENCES = 64
# Room for questions beside the longest prefix, in batches: fewer would cut a function's questions into smaller ones.
_ROOM_BATCHES = 2

_TOPOLOGY = Path("/sys/devices/system/cpu")

Handle = int  # the address of a C object, 0 or None where there is none


@dataclass(frozen=True, slots=True)
class Load:
    """How a model file is opened; `threads` 0 means one a physical core.

    `small_cache` keeps keys and values in 8 bits instead of 16, for which llama.cpp wants flash attention.
    """

    path: Path
    context_tokens: int
    threads: int
    batch_tokens: int
    gpu_layers: int
    flash_attention: bool = False
    small_cache: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """llama.cpp's C interface with a model and its context; `batch_tokens` are the most it evaluates at once."""

    native: ModuleType
    model: Handle
    context: Handle
    batch_tokens: int


@contextmanager
def open_model(load: Load) -> Iterator[Loaded]:
    """The model with room for its context, freed at the end.

    Raises ModelMissing if the file is not GGUF, MachineError if llama.cpp refuses it.
    """
    require_gguf(load.path)
    native, _ = _library()
    model = _model(native, load.path, load.gpu_layers)
    try:
        context = _context(native, model, load)
        try:
            yield Loaded(native, model, context, load.batch_tokens)
        finally:
            native.llama_free(context)
    finally:
        native.llama_model_free(model)


@contextmanager
def open_without_weights(path: Path) -> Iterator[tuple[ModuleType, Handle]]:
    """llama.cpp with a model that has its vocabulary and what its file states. Raises as open_model() does."""
    require_gguf(path)
    native, _ = _library()
    model = _model(native, path, gpu_layers=0, vocabulary_only=True)
    try:
        yield native, model
    finally:
        native.llama_model_free(model)


@contextmanager
def open_vocabulary(path: Path) -> Iterator[tuple[ModuleType, Handle]]:
    """llama.cpp with the vocabulary of a model file, whose weights are not read. Raises as open_model() does."""
    with open_without_weights(path) as (native, model):
        yield native, native.llama_model_get_vocab(model)


def require_gguf(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelMissing(f"cannot open '{path}': {error.strerror}", "run lrev models pull") from error
    if magic != GGUF_MAGIC:
        raise ModelMissing(f"'{path}' is not a GGUF file", "lrev loads generators from GGUF files only")


def physical_cores() -> int:
    """Cores that this process may use, hyperthreads counted once; by /sys/devices/system/cpu/cpu*/topology."""
    usable = os.sched_getaffinity(0)
    siblings = set()
    for number in usable:
        try:
            siblings.add((_TOPOLOGY / f"cpu{number}" / "topology" / "thread_siblings_list").read_text())
        except OSError:
            return len(usable)
    return len(siblings)


def build(native: ModuleType) -> str:
    """What names the build whose numbers these are: the library's version and the CPU features that it uses."""
    import llama_cpp

    return f"{llama_cpp.__version__} {native.llama_print_system_info().decode()}"


def _model(native: ModuleType, path: Path, gpu_layers: int, *, vocabulary_only: bool = False) -> Handle:
    settings = native.llama_model_default_params()
    settings.n_gpu_layers = gpu_layers
    settings.vocab_only = vocabulary_only
    model: Handle = native.llama_model_load_from_file(os.fsencode(path), settings)
    if not model:
        raise MachineError(f"llama.cpp cannot load '{path}'", "lrev models verify says whether the file is whole")
    return model


def _context(native: ModuleType, model: Handle, load: Load) -> Handle:
    settings = native.llama_context_default_params()
    copies = not (native.llama_model_is_recurrent(model) or native.llama_model_is_hybrid(model))
    settings.n_ctx = load.context_tokens + _ROOM_BATCHES * load.batch_tokens
    settings.n_batch = settings.n_ubatch = load.batch_tokens
    settings.n_seq_max = _SEQUENCES if copies else 1
    settings.kv_unified = True  # sequences share the cells of their prefix
    settings.swa_full = True  # cells that a sliding window has left behind could not be copied for the next question
    settings.n_threads = settings.n_threads_batch = load.threads or physical_cores()
    # Measured on a CPU with small models: reading is about as fast with it, writing up to a sixth slower.
    flash = load.flash_attention or load.small_cache
    settings.flash_attn_type = native.LLAMA_FLASH_ATTN_TYPE_ENABLED if flash else native.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if load.small_cache:
        settings.type_k = settings.type_v = native.GGML_TYPE_Q8_0
    settings.no_perf = True
    context: Handle = native.llama_init_from_model(model, settings)
    if not context:
        raise MachineError(
            f"llama.cpp has no memory for a context of {load.context_tokens} tokens", "lower prompt_tokens"
        )
    return context


@cache
def _library() -> tuple[ModuleType, Any]:
    """llama.cpp, silenced; the callback stands beside it because C keeps only its address."""
    from llama_cpp import llama_cpp as native

    quiet = native.llama_log_callback(lambda _level, _text, _data: None)
    native.llama_log_set(quiet, ctypes.c_void_p(0))
    native.llama_backend_init()
    return native, quiet
