from __future__ import annotations

import pytest

from lrev.evaluate.naming import NameKind, named


def texts(comment: str) -> list[str]:
    return [name.text for name in named(comment)]


@pytest.mark.parametrize(
    ("comment", "kind", "text"),
    [
        ("Please use lamp_light here.", NameKind.SYMBOL, "lamp_light"),
        ("Should this be __lamp?", NameKind.SYMBOL, "__lamp"),
        ("kzalloc() may fail.", NameKind.CALLED, "kzalloc"),
        ("As drivers/lamp/lamp.c does.", NameKind.FILE, "drivers/lamp/lamp.c"),
        ("You miss <linux/lamp.h> here", NameKind.FILE, "linux/lamp.h"),
        ("See Documentation/lamp/rules for that.", NameKind.DOCUMENT, "Documentation/lamp/rules"),
        (
            "https://www.kernel.org/doc/html/latest/lamp/rules.html says",
            NameKind.DOCUMENT,
            "Documentation/lamp/rules.rst",
        ),
        ("IS_ENABLED without CONFIG_LAMP", NameKind.CONFIG, "LAMP"),
    ],
)
def test_each_kind_of_name_is_told(comment: str, kind: NameKind, text: str) -> None:
    assert (kind, text) in [(name.kind, name.text) for name in named(comment)]


@pytest.mark.parametrize(
    "comment",
    [
        "This is good, and this() { is not",
        "I _really_ mean it, e.g. i.e. and/or",
        "All of lamp_* and LAMP_{ON,OFF} go",
        "a size_t on x86_64",
        "https://example.org/lamp_light.html and ann_b@example.org",
        'commit 0123456789ab ("lamp: call lamp_light") did it',
        "[   12.345678] lamp_light failed",
        " ? lamp_light+0x12/0x40",
        "drivers/lamp/lamp.c:12:3: warning: unused lamp_light",
        "make[2]: drivers/lamp_x/lamp.o",
        "$ scripts/do_it lamp_light",
        "Reviewed-by: Ann lamp_light <ann@example.org>",
    ],
)
def test_plain_words_and_what_was_pasted_name_nothing(comment: str) -> None:
    assert not [text for text in texts(comment) if text != "this"]


def test_a_pasted_diff_is_left_out_with_its_context() -> None:
    comment = "Rather so:\n\n-\tlamp_light(lamp);\n \tlamp_wait(lamp);\n+\tlamp_dim(lamp);\n\nor with lamp_off."
    assert texts(comment) == ["lamp_off"]
    assert texts("- lamp_light needs a lock\n- lamp_off does not") == ["lamp_light", "lamp_off"]


def test_a_few_lines_of_code_are_words_and_many_are_copied() -> None:
    short = "Why not\n\n\tif (lamp_is_lit(lamp))\n\t\treturn lamp_off(lamp);\n"
    assert texts(short) == ["lamp_is_lit", "lamp_off"]
    long = "It says\n\nint lamp_f(void)\n{\n\tlamp_a();\n\n\tlamp_b();\n\tlamp_c();\n}\n\nso lamp_d is wrong"
    assert texts(long) == ["lamp_f", "lamp_d"]
    cited = "Namely\n" + "".join(f"    a point about lamp_{n}x_y that is made\n" for n in range(6))
    assert len(texts(cited)) == 6


def test_a_name_is_told_once_and_a_file_holds_no_symbols() -> None:
    assert texts("lamp_light and lamp_light in drivers/lamp_x/lamp_y.c") == ["drivers/lamp_x/lamp_y.c", "lamp_light"]
