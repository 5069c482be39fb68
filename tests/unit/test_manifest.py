from __future__ import annotations

import re

import pytest

from lrev.errors import ManifestError
from lrev.manifest import Role, load_manifest, user_models_file
from lrev.paths import models_file

MODEL = """
[models.lamp]
role = "generator"
tier = "small"
licence = "MIT"
filename = "lamp.gguf"
sha256 = "{sha}"
[models.lamp.source]
kind = "file"
path = "/srv/lamp.gguf"
"""
GOOD = MODEL.format(sha="a" * 64)


def test_the_shipped_manifest_has_its_defaults_and_a_hash_for_every_file() -> None:
    manifest = load_manifest()
    assert manifest.get(manifest.default_generator, Role.GENERATOR).size_bytes > 10**9
    assert manifest.get(manifest.default_embedder, Role.EMBEDDER).dimension == 256
    assert all(len(spec.sha256) == 64 for spec in manifest.models if spec.name != "minilm-static")


def test_the_commented_examples_are_valid_models() -> None:
    lines = [line[2:] for line in models_file().read_text().splitlines() if re.match(r"# (\[models|\w+ = )", line)]
    examples = re.sub(r'sha256 = ".*"', f'sha256 = "{"b" * 64}"', "\n".join(lines))
    user_models_file().write_text(examples)
    names = {spec.name for spec in load_manifest().models}
    assert {"qwen2.5-coder-7b", "qwen3-coder-30b-a3b"} <= names


def test_the_users_models_are_added() -> None:
    user_models_file().write_text(GOOD)
    assert load_manifest().get("lamp").filename == "lamp.gguf"


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        (GOOD.replace("tier", "teir"), "unknown key 'teir'", "did you mean 'tier'"),
        (GOOD.replace('"generator"', '"poet"'), "role", ""),
        (GOOD.replace('lamp.gguf"\nsha', '../lamp.gguf"\nsha'), "filename", ""),
        (MODEL.format(sha=""), "sha256", ""),
        (MODEL.format(sha="A" * 64), "sha256", ""),
        ("[models", "models.toml", ""),
    ],
)
def test_a_wrong_entry_is_named_with_what_was_meant(text: str, says: str, hint: str) -> None:
    user_models_file().write_text(text)
    with pytest.raises(ManifestError, match=says) as caught:
        load_manifest()
    assert hint in caught.value.hint


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(ManifestError, match=r"no generator 'qwen2\.5-coder-1\.5'") as caught:
        load_manifest().get("qwen2.5-coder-1.5", Role.GENERATOR)
    assert "qwen2.5-coder-1.5b" in caught.value.hint
