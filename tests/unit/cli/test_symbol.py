from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrev.cli import symbol
from lrev.errors import UsageError
from tests.unit.indexing.inferring import index_of

LAMP_H = "struct lamp;\nvoid lamp_wait(struct lamp *lamp);\nint lamp_light(struct lamp *lamp) __must_check;\n"
LAMP_C = """\
#include <linux/lamp.h>

void lamp_wait(struct lamp *lamp)
{
	might_sleep();
}
EXPORT_SYMBOL_GPL(lamp_wait);

int lamp_light(struct lamp *lamp)
{
	lamp_wait(lamp);
	return -EINVAL;
}

static const struct lamp_ops ops = {
	.light = lamp_light,
};
"""
USER_C = "void use{0}(struct lamp *lamp)\n{{\n\tlamp_light(lamp);\n\tlamp_light(lamp);\n}}\n"
FILES = {
    "include/linux/lamp.h": LAMP_H,
    "drivers/lamp/lamp.c": LAMP_C,
    **{f"drivers/lamp/use{number}.c": USER_C.format(number) for number in range(3)},
}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    index_of(tmp_path, FILES).close()
    monkeypatch.setattr(symbol, "seal", lambda: None)
    return tmp_path / "index"


def told(capsys: pytest.CaptureFixture[str], index: Path, name: str, *, limit: int = 10, as_json: bool = False) -> str:
    symbol.command(name, index=index, limit=limit, as_json=as_json)
    return capsys.readouterr().out


def test_a_function_is_told_with_all_that_is_known(capsys: pytest.CaptureFixture[str], index: Path) -> None:
    lines = told(capsys, index, "lamp_light()", limit=2).splitlines()
    assert lines[0].startswith("drivers/lamp/lamp.c:9-13  [function]  int lamp_light(struct lamp *lamp)")
    assert "  may sleep: by lamp_wait" in lines
    assert "      lamp_light -> lamp_wait -> might_sleep" in lines
    assert "  __must_check" in lines
    assert "      declared at include/linux/lamp.h:3" in lines
    assert "  drivers/lamp/lamp.c:16  .light = lamp_light of struct lamp_ops" in lines
    assert "called from (6)" in lines
    assert "  drivers/lamp/use0.c:3  use0" in lines
    assert "  and 4 more; --limit shows them" in lines
    assert lines[-1] == "  drivers/lamp/lamp.c: lamp_wait"


def test_the_same_as_json(capsys: pytest.CaptureFixture[str], index: Path) -> None:
    known = json.loads(told(capsys, index, "lamp_light", as_json=True))
    assert known["definitions"][0]["lines"] == [9, 13]
    (sleeps,) = [fact for fact in known["facts"] if fact["kind"] == "may sleep"]
    assert (sleeps["detail"], sleeps["condition"], sleeps["origin"]) == ("by lamp_wait", "", "inferred")
    assert sleeps["chain"] == ["lamp_light", "lamp_wait", "might_sleep"]
    assert known["caller_count"] == 6
    assert known["tables"] == [
        {
            "tree": "tree",
            "path": "drivers/lamp/lamp.c",
            "line": 16,
            "field": "light",
            "table": "lamp_ops",
            "function": "lamp_light",
        }
    ]


def test_what_several_places_tell_alike_is_one_fact(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(symbol, "seal", lambda: None)
    files = {f"arch/a{number}/lamp.c": "int lamp_arch(void)\n{\n\treturn -EIO;\n}\n" for number in range(5)}
    index_of(tmp_path, {name: text + f"int x{name[6]};\n" for name, text in files.items()}).close()
    lines = told(capsys, tmp_path / "index", "lamp_arch").splitlines()
    assert len([line for line in lines if "negative errno" in line]) == 1
    assert "      read from the body at arch/a0/lamp.c:3, arch/a1/lamp.c:3, arch/a2/lamp.c:3 and 2 more" in lines


def test_a_name_that_is_not_there_is_an_error_with_names_like_it(index: Path) -> None:
    with pytest.raises(UsageError, match="no 'lamp_lihgt'") as raised:
        symbol.command("lamp_lihgt", index=index)
    assert raised.value.hint.startswith("did you mean lamp_light,")
