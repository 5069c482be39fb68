from __future__ import annotations

import pytest

from tests.unit.evidence.checking import check_change, check_new, names
from tests.unit.samples import read_sample

DATA = read_sample("c/leaks.c")
BAD = [name for name in names(DATA) if name.startswith("bad_")]
GOOD = [name for name in names(DATA) if not name.startswith("bad_")]


def test_the_samples_are_there() -> None:
    assert len(BAD) >= 7
    assert len(GOOD) >= 12


@pytest.mark.parametrize("name", BAD)
def test_what_an_error_path_still_owns_is_found(name: str) -> None:
    (found,) = check_new(DATA, name)
    assert (found.check, found.mechanism, found.function) == ("leak-on-error", "resource leaked", name)
    lines = DATA.decode().split("\n")
    assert "return" in lines[found.line - 1]
    assert all(lines[step.line - 1].strip() == step.text for step in found.trace)
    assert found.trace[-1].line == found.line


@pytest.mark.parametrize("name", GOOD)
def test_what_is_freed_kept_or_handed_over_is_not(name: str) -> None:
    assert check_new(DATA, name) == ()


def test_the_message_and_the_trace_say_how() -> None:
    (found,) = check_new(DATA, "bad_plain")
    assert found.line == 8
    assert (
        found.message == "`name` from kmalloc() at line 3 is not freed when this returns -ENODEV; kfree() is missing."
    )
    assert [(step.line, step.note) for step in found.trace] == [
        (3, "kmalloc() into `name`"),
        (5, "`name` is true"),
        (7, "`lamp->gone` is true"),
        (8, "returns here"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bad_only_printed", "`node` from of_get_child_by_name() at line 51 is not released"),
        ("bad_clock", "`lamp->clk` from clk_prepare_enable() at line 80 is not undone"),
        ("bad_firmware", "release_firmware() is missing"),
        ("bad_second_of_two", "`lamp` from kzalloc()"),
    ],
)
def test_each_resource_in_its_own_words(name: str, words: str) -> None:
    (found,) = check_new(DATA, name)
    assert words in found.message


def test_several_returns_are_one_suspicion() -> None:
    data = DATA.replace(
        b"\tif (lamp->gone)\n\t\treturn -ENODEV;\n\tkfree(name);",
        b"\tif (lamp->gone)\n\t\treturn -ENODEV;\n\tif (lamp->on)\n\t\treturn -EBUSY;\n\tkfree(name);",
        1,
    )
    (found,) = check_new(data, "bad_plain")
    assert found.line == 8
    assert found.message.endswith(" The same at line 10.")


@pytest.mark.parametrize(
    "use",
    [
        "lamp_take(lamp, name);",
        "lamp->name = name;",
        "lamp_take(lamp, &name);",
        "lamp_take(lamp, name + 1);",
        "lamp_take(lamp, (void *)name);",
        "*lamp->slot = name;",
        "lamp->has_name = !!name;",
        "lamp->take(lamp, name);",
        "lamp_take(lamp, &name[2]);",
        "other = lamp->on ? name : NULL;",
        "kfree(name);",
        "LAMP_TAKE(name);",
        "name = NULL;",
    ],
)
def test_a_use_that_may_keep_it_ends_the_suspicion(use: str) -> None:
    assert not any(one.check == "leak-on-error" for one in check_new(with_use(use), "bad_plain"))


@pytest.mark.parametrize(
    "use",
    [
        "name[0] = 1;",
        "*name = 1;",
        "memset(name, 0, 8);",
        'dev_err(lamp->dev, "%s", name);',
        "copy_from_user(name + 1, lamp->user, sizeof(*name));",
        "lamp_show(lamp, name[0]);",
        "lamp->count = strlen(name);",
    ],
)
def test_a_use_that_only_looks_does_not(use: str) -> None:
    assert len(check_new(with_use(use), "bad_plain")) == 1


def with_use(use: str) -> bytes:
    changed = DATA.replace(b"\tif (lamp->gone)\n", f"\t{use}\n\tif (lamp->gone)\n".encode(), 1)
    assert changed != DATA
    return changed


def test_an_added_return_is_new_and_an_old_one_is_not() -> None:
    after = DATA.replace(
        b"\tkfree(name);\n\treturn err;", b"\tif (lamp->on)\n\t\treturn -EBUSY;\n\tkfree(name);\n\treturn err;", 1
    )
    (found,) = check_change(DATA, after, "good_freed")
    assert not found.pre_existing
    again = after.replace(b"return -EBUSY", b"return -EAGAIN", 1)
    (found,) = check_change(after, again, "good_freed")
    assert found.pre_existing
