from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrev.cli import thread
from lrev.errors import UsageError
from lrev.indexing.build import build
from lrev.indexing.sources import Sources
from lrev.model.fake import FakeEmbedder
from tests.unit.indexing.trees import V2Epoch, mail
from tests.unit.indexing.trees import thread as three_mails


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(thread, "seal", lambda: None)
    epoch = V2Epoch(tmp_path / "list" / "git" / "0.git")
    for one in three_mails():
        epoch.add(one)
    epoch.add(mail(4, "Re: \x1b[31mlamps", "More.\n", "3@example.org"))
    build(Sources(mail=(tmp_path / "list",)), tmp_path / "index", FakeEmbedder())
    return tmp_path / "index"


def told(
    capsys: pytest.CaptureFixture[str], index: Path, name: str, *, full: bool = False, as_json: bool = False
) -> str:
    thread.command(name, index=index, full=full, as_json=as_json)
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["1@example.org", "<3@example.org>", "id:4@example.org"])
def test_the_tree_from_any_message(capsys: pytest.CaptureFixture[str], index: Path, name: str) -> None:
    lines = told(capsys, index, name).splitlines()
    assert [line.rpartition("<")[2] for line in lines] == [f"{number}@example.org>" for number in (1, 2, 3, 4)]
    depths = [len(line[16:]) - len(line[16:].lstrip()) for line in lines]
    assert depths == [2, 4, 6, 8]


def test_text_from_mail_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], index: Path) -> None:
    out = told(capsys, index, "4@example.org", full=True)
    assert "\x1b" not in out
    assert "More." in out


def test_json_has_everything(capsys: pytest.CaptureFixture[str], index: Path) -> None:
    read = json.loads(told(capsys, index, "1@example.org", as_json=True))
    assert [(one["message_id"], one["depth"]) for one in read] == [(f"{at}@example.org", at - 1) for at in (1, 2, 3, 4)]
    assert read[3]["body"] == "More.\n"


def test_a_message_that_is_not_there(index: Path) -> None:
    with pytest.raises(UsageError, match=r"no message 'absent@example\.org'"):
        thread.command("absent@example.org", index=index)
