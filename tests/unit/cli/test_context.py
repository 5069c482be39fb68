from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from lrev.cli import context
from lrev.errors import InputError, UsageError
from lrev.wiring import contexts
from tests.unit.retrieve.lamps import DATA, EMBEDDER, indexed

PATCH = str(DATA / "patch.mbox")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(context, "seal", lambda: None)
    monkeypatch.setattr(contexts, "counter", lambda _manifest, _model: nullcontext(lambda text: len(text.split())))
    monkeypatch.setattr(contexts, "embedder_of", lambda _index, _manifest: EMBEDDER)
    with indexed(tmp_path):
        return tmp_path / "index"


def told(capsys: pytest.CaptureFixture[str], source: str, index: Path, **options: object) -> str:
    given: dict[str, object] = {"budget": 200, "index": index, "as_json": False, **options}
    context.command(source, **given)  # type: ignore[arg-type]
    return capsys.readouterr().out


def test_each_passage_says_where_it_stands_why_it_was_chosen_and_what_it_costs(
    capsys: pytest.CaptureFixture[str], index: Path
) -> None:
    lines = told(capsys, PATCH, index).split("\n")
    assert lines[0] == "# lamp: check that there is one"
    assert lines[3] == "## open@example.org Max Maintainer on version 1 of this patch"
    assert lines[4].startswith("## said of version 1, open; ")
    assert any(line.startswith("# left out: ") for line in lines)


def test_json_has_every_passage_and_what_was_left_out_within_the_budget(
    capsys: pytest.CaptureFixture[str], index: Path
) -> None:
    (read,) = json.loads(told(capsys, PATCH, index, as_json=True, budget=150))
    assert read["tokens"] <= read["budget_tokens"] == 150
    assert {"source", "title", "text", "reason", "tokens"} <= read["passages"][0].keys()
    assert all(one["tokens"] > 0 for one in read["left_out"])


def test_no_mail_of_the_given_day_or_later(capsys: pytest.CaptureFixture[str], index: Path) -> None:
    out = told(capsys, PATCH, index, before="2024-03-04", budget=2000)
    assert "example.org" not in out.replace("list@lists.example.org", "")


def test_a_series_is_packed_patch_by_patch(capsys: pytest.CaptureFixture[str], index: Path, tmp_path: Path) -> None:
    first = (DATA / "part-before.diff").read_text()
    head = (
        "From mboxrd@z Thu Jan  1 00:00:00 1970\nFrom: Ann Author <ann@example.org>\nSubject: [PATCH {}/2] lamp: {}\n"
    )
    second = (DATA / "patch.mbox").read_text().partition("---\n")[2]
    box = tmp_path / "series.mbox"
    mails = [
        head.format(at, at) + f"Message-ID: <{at}@example.org>\n\n{diff}\n" for at, diff in ((1, first), (2, second))
    ]
    box.write_text("\n".join(mails))
    of_second = told(capsys, str(box), index, budget=2000).partition("# lamp: 2\n")[2]
    assert "lamp_forget_all(dev)" in of_second and "lamp_forget(dev)" not in of_second


def test_what_cannot_be_read_is_said(index: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        context.command(str(tmp_path / "absent.mbox"), index=index)
    with pytest.raises(UsageError, match="is not a day"):
        context.command(PATCH, index=index, before="soon")
