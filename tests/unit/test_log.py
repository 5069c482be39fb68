from __future__ import annotations

from pathlib import Path

import pytest

from lrev.log import be_quiet, defect_report, escape, talk


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text, 2 < 3", "plain text, 2 < 3"),
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\x07\x00", "a\\x0db\\x07\\x00"),
        ("left\u202eright\u2066x", "left\\u202eright\\u2066x"),
        ("zero\u200bwidth\u2028line", "zero\\u200bwidth\\u2028line"),
        ("bytes \udce9", "bytes \\udce9"),
        ("Zoë 漢字", "Zoë 漢字"),
    ],
)
def test_nothing_that_steers_a_terminal_is_left(text: str, written: str) -> None:
    assert escape(text) == written


def test_talk_goes_to_stderr_escaped_and_can_be_silenced(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk("hello \x1b[2J")
    assert capsys.readouterr() == ("", "hello \\x1b[2J\n")
    monkeypatch.setenv("LREV_QUIET", "")
    be_quiet()
    talk("again")
    assert capsys.readouterr().err == ""


def test_a_defect_leaves_versions_and_the_traceback(tmp_path: Path) -> None:
    try:
        raise RuntimeError("caf\udce9")
    except RuntimeError as error:
        text = defect_report(error, tmp_path).read_text()
    assert "lrev 0.1.0" in text and "RuntimeError" in text and "test_log.py" in text
