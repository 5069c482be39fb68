"""Each key of lrev.toml, and the file it is read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ManifestError
from lrev.settings import FailOn, Settings, load_settings


def written(directory: Path, text: str) -> Path:
    path = directory / "lrev.toml"
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'index = "/srv/index"\nmodel = "m"\nembedder = "e"\nthreads = 3\nprompt_tokens = 300\nreview_tokens = 400\n'
        'seed = 7\nfail_on = "proven"\nmodel_memory_megabytes = 4000\nsubsystem_weights = {"mm" = 3, "tools" = 0.2}\n',
    )
    assert load_settings(path) == Settings(
        Path("/srv/index"), "m", "e", 3, 300, 400, 7, FailOn.PROVEN, 4000, {"mm": 3.0, "tools": 0.2}
    )


def test_the_file_that_is_named_goes_before_the_one_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, "seed = 2")
    named = tmp_path / "other.toml"
    named.write_text("seed = 3")
    assert (load_settings().seed, load_settings(named).seed) == (2, 3)


def test_an_index_is_looked_for_beside_the_file_that_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert load_settings(written(tmp_path, 'index = "idx"')).index == tmp_path / "idx"
    assert load_settings(written(tmp_path, 'index = "~/idx"')).index == Path("/home/somebody/idx")


@pytest.mark.parametrize(
    ("text", "key"),
    [('fail_on = "always"', "fail_on"), ("review_tokens = 10", "review_tokens"), ('threads = "two"', "threads")],
)
def test_a_wrong_value_is_named_in_one_line(tmp_path: Path, text: str, key: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ManifestError) as caught:
        load_settings(path)
    assert caught.value.message.startswith(f"'{path}': key '{key}': ")
    assert "\n" not in caught.value.message


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lrev.toml"
    path.write_bytes(b"model = '\xff'")
    with pytest.raises(ManifestError, match=r"cannot read '.*lrev\.toml'"):
        load_settings(path)
