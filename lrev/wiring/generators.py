"""A generator of models.toml as it is opened under the settings, and what is known of how good it is."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.metadata import version

from lrev.manifest import ModelSpec, Role, Tier, load_manifest
from lrev.model.generator import EngineSpec, open_generator
from lrev.model.store import locate, place
from lrev.paths import cache_directory, prompts_directory
from lrev.qualification import MeasuredWith, Qualification, questions_sha256, stored
from lrev.settings import Settings
from lrev.types import Generator

# Room in the context for the longest prompt, rounded up: a larger context only costs memory.
_CONTEXT_STEP_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Chosen:
    """A generator of models.toml, and what opens it for a review: in this process or in another."""

    spec: ModelSpec
    generator: AbstractContextManager[Generator]


def generator_named(name: str) -> ModelSpec:
    """The default one for "". Raises ManifestError."""
    manifest = load_manifest()
    return manifest.get(name or manifest.default_generator, Role.GENERATOR)


def local_generator(settings: Settings, name: str) -> Chosen:
    """In this process. Raises what engine_spec() raises at once, before anything slow."""
    spec = generator_named(name)
    return Chosen(spec, open_generator(engine_spec(spec, settings)))


def engine_spec(spec: ModelSpec, settings: Settings) -> EngineSpec:
    """Raises ModelMissing if the file is not here or not the one that models.toml names."""
    locate(spec)
    return _engine_spec(spec, settings)


def _engine_spec(spec: ModelSpec, settings: Settings) -> EngineSpec:
    wanted = -(-settings.prompt_tokens // _CONTEXT_STEP_TOKENS) * _CONTEXT_STEP_TOKENS
    return EngineSpec(
        name=spec.name,
        sha256=spec.sha256,
        path=place(spec),
        context_tokens=min(wanted, spec.context_tokens or wanted),
        prompt_format=spec.prompt_format.value,
        threads=settings.threads or spec.threads,
        batch_tokens=spec.batch_tokens,
        gpu_layers=spec.gpu_layers,
        flash_attention=spec.flash_attention,
        small_cache=spec.small_cache,
        thinking_tokens=spec.thinking_tokens,
        prefixes=cache_directory() / "prefixes",
    )


def measured_with(spec: ModelSpec, settings: Settings) -> MeasuredWith:
    """What a qualification of this model, made now, would depend on."""
    engine = _engine_spec(spec, settings)
    build = f"llama-cpp-python {version('llama-cpp-python')}"
    opened = f"{engine.prompt_format}, batch {engine.batch_tokens}, gpu {engine.gpu_layers}"
    chosen = f"flash {engine.flash_attention}, small cache {engine.small_cache}, thinking {engine.thinking_tokens}"
    planned = min(settings.prompt_tokens, engine.context_tokens)
    return MeasuredWith(spec.sha256, questions_sha256(prompts_directory()), f"{build}, {opened}, {chosen}", planned)


def qualified(spec: ModelSpec, settings: Settings) -> tuple[Qualification | None, str]:
    """The stored qualification, if it holds for what would be used now; and in a few words, why it does not."""
    found = stored(spec.sha256)
    if found is None:
        return None, "not qualified"
    if found.measured_with != measured_with(spec, settings):
        return None, "qualified with other questions or settings"
    return found, f"qualified as {found.tier.value}"


def doubts(spec: ModelSpec, settings: Settings) -> tuple[str, ...]:
    """What a person should know before a review with this model is made, each in a line."""
    found, why = qualified(spec, settings)
    if found is None:
        return (f"'{spec.name}' is {why}; run lrev models qualify {spec.name}",) if spec.tier is not Tier.TEST else ()
    said = []
    if found.tier is Tier.TEST:
        said.append(f"'{spec.name}' did not tell sound from faulty code: {found.in_order} twins, no better than chance")
    if found.usable_tokens < settings.prompt_tokens:
        found_in = f"'{spec.name}' finds what it is shown "
        found_in += f"in up to {found.usable_tokens} tokens" if found.usable_tokens else "at no length that was tried"
        said.append(f"{found_in}, and prompt_tokens is {settings.prompt_tokens}")
    return tuple(said)
