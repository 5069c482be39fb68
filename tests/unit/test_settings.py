from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ManifestError
from lrev.paths import home
from lrev.settings import FailOn, Settings, load_settings


def test_defaults_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()


def test_the_nearer_file_wins_and_an_option_goes_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (home() / "lrev.toml").write_text('fail_on = "proven"\n')
    assert load_settings().fail_on is FailOn.PROVEN
    (tmp_path / "lrev.toml").write_text('fail_on = "suspected"\nindex = "/one"\n')
    assert load_settings().fail_on is FailOn.SUSPECTED
    assert load_settings(index=Path("/two")).index == Path("/two")


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("promt_tokens = 1\n", "unknown key 'promt_tokens'", "did you mean 'prompt_tokens'"),
        ("prompt_tokens = 1\n", "prompt_tokens", ""),
        ("index = \n", "lrev.toml", ""),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, says: str, hint: str) -> None:
    (tmp_path / "lrev.toml").write_text(text)
    with pytest.raises(ManifestError, match=says) as caught:
        load_settings(tmp_path / "lrev.toml")
    assert hint in caught.value.hint


def test_a_file_that_is_named_and_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot open"):
        load_settings(tmp_path / "none.toml")
