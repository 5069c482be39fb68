"""Entries of models.toml, one quirk each: what a user adds, and what is said of a mistake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrev.errors import ManifestError
from lrev.manifest import (
    FileSource,
    ModelSpec,
    PackageSource,
    PromptFormat,
    Role,
    Tier,
    load_manifest,
    user_models_file,
)

SHA256 = "ab" * 32
MINE = {
    "role": "generator",
    "tier": "medium",
    "licence": "MIT",
    "sha256": SHA256,
    "context_tokens": 4096,
    "prompt_format": "plain",
}
FILE = {"kind": "file", "path": "/srv/mine.gguf"}
PACKAGES = {"kind": "packages", "package": "mine==1", "member": "mine/mine.gguf", "parts": 1}


def written(source: Mapping[str, object] = FILE, without: str = "", **entry: object) -> Path:
    """The user's manifest, of one model `mine`."""
    keys = {name: value for name, value in {**MINE, **entry}.items() if name != without}
    lines = ['[models."mine"]', *(f"{name} = {_toml(value)}" for name, value in keys.items())]
    lines += ['[models."mine".source]', *(f"{name} = {_toml(value)}" for name, value in source.items())]
    path = user_models_file()
    path.write_text("\n".join(lines) + "\n")
    return path


def _toml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def refused() -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        load_manifest()
    assert "\n" not in caught.value.message
    return caught.value


def test_everything_shipped_can_be_verified_and_every_package_is_pinned() -> None:
    for spec in load_manifest().models:
        if isinstance(spec.source, PackageSource):
            assert re.fullmatch(r"[a-z0-9-]+(\{part\})?==[0-9.]+", spec.source.package)
            assert (spec.source.parts > 1) == ("{part" in spec.source.package) == ("{part" in spec.source.member)
            assert len(spec.sha256) == 64
            assert spec.size_bytes > 0
        assert (spec.dimension > 0) == (spec.role is Role.EMBEDDER)
        assert (spec.context_tokens > 0) == (spec.role is Role.GENERATOR)


def test_no_two_shipped_models_share_a_file() -> None:
    names = [spec.filename for spec in load_manifest().models]
    assert len(set(names)) == len(names)


def test_a_file_of_the_users_own_needs_no_filename() -> None:
    written()
    assert load_manifest().get("mine") == ModelSpec(
        name="mine",
        role=Role.GENERATOR,
        tier=Tier.MEDIUM,
        licence="MIT",
        source=FileSource("file", Path("/srv/mine.gguf")),
        sha256=SHA256,
        context_tokens=4096,
        prompt_format=PromptFormat.PLAIN,
    )
    assert load_manifest().get("smollm2-135m").tier is Tier.TEST


def test_a_user_may_name_another_default() -> None:
    path = written()
    path.write_text('default_generator = "mine"\n' + path.read_text())
    manifest = load_manifest()
    assert (manifest.default_generator, manifest.default_embedder) == ("mine", "minilm-static")


def test_a_default_of_the_wrong_role_is_said_at_once() -> None:
    user_models_file().write_text('default_generator = "minilm-static"\n')
    assert refused().message == "models.toml has no generator 'minilm-static'"


def test_a_file_is_looked_for_beside_the_manifest_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    written({"kind": "file", "path": "mine.gguf"})
    assert load_manifest().get("mine").source == FileSource("file", user_models_file().parent / "mine.gguf")
    written({"kind": "file", "path": "~/mine.gguf"})
    assert load_manifest().get("mine").source == FileSource("file", Path("/home/somebody/mine.gguf"))


def test_an_unknown_key_names_file_model_and_the_key_that_was_meant() -> None:
    path = written(context_token=1)
    assert refused().message == f"'{path}': model 'mine', unknown key 'context_token'"
    assert refused().hint == "did you mean 'context_tokens'"


def test_a_mistyped_key_is_named_before_the_one_it_leaves_missing() -> None:
    written(without="licence", license="MIT")
    assert "unknown key 'license'" in refused().message
    assert refused().hint == "did you mean 'licence'"


def test_a_key_of_a_source_is_compared_with_the_keys_of_that_kind() -> None:
    written({**FILE, "paht": "x"})
    assert "unknown key 'source.paht'" in refused().message
    assert refused().hint == "did you mean 'path'"
    written({**PACKAGES, "part": 2})
    assert refused().hint == "did you mean 'parts'"


def test_an_unknown_key_at_the_top() -> None:
    user_models_file().write_text('default_generater = "x"\n')
    assert refused().hint == "did you mean 'default_generator'"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"role": "critic"}, "key 'role': input should be 'generator' or 'embedder'"),
        ({"context_tokens": "many"}, "key 'context_tokens': "),
        ({"threads": -1}, "key 'threads': "),
        ({"gpu_layers": -2}, "key 'gpu_layers': "),
        ({"batch_tokens": 0}, "key 'batch_tokens': "),
        ({"sha256": "AB" * 32}, "key 'sha256': "),
        ({"filename": ".hidden"}, "key 'filename': "),
        ({"name": "other"}, "unknown key 'name'"),
    ],
)
def test_a_wrong_value_is_named(entry: dict[str, Any], said: str) -> None:
    written(**entry)
    assert said in refused().message


def test_what_cannot_be_verified_is_refused() -> None:
    written(without="sha256")
    assert refused().message.endswith("model 'mine' has no sha256")


def test_a_model_from_packages_needs_a_file_to_become() -> None:
    written(PACKAGES)
    assert refused().message.endswith("model 'mine' has no filename")
    written(PACKAGES, filename="mine.gguf")
    assert load_manifest().get("mine").source == PackageSource("packages", "mine==1", "mine/mine.gguf", 1)


def test_a_source_of_no_known_kind() -> None:
    written({"kind": "torrent"})
    assert "key 'source'" in refused().message
    assert "'torrent'" in refused().message


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".x", "a b"])
def test_a_name_that_leads_out_of_its_folder_is_refused(name: str) -> None:
    path = written()
    path.write_text(path.read_text().replace('"mine"', f'"{name}"'))
    assert "key 'name'" in refused().message


@pytest.mark.parametrize("data", [b"\xff\xfe", b"models = 3", b'[models]\nmine = "x"'])
def test_a_file_that_is_not_a_manifest_is_named(data: bytes) -> None:
    user_models_file().write_bytes(data)
    assert str(user_models_file()) in refused().message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"cannot open '.*nowhere\.toml': No such file"):
        load_manifest(tmp_path / "nowhere.toml")


def test_a_name_of_the_other_role_is_not_suggested() -> None:
    with pytest.raises(ManifestError) as caught:
        load_manifest().get("xyz", Role.EMBEDDER)
    assert caught.value.hint == "there are all-minilm-l6-v2, minilm-static"


def test_a_spec_cannot_be_changed() -> None:
    spec = load_manifest().get("smollm2-135m")
    with pytest.raises(AttributeError):
        spec.sha256 = SHA256  # type: ignore[misc]
    assert replace(spec, threads=2).threads == 2
